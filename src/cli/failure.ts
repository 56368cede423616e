import { remedyForErrno } from '../input/errno.ts';
import { printable } from '../input/printable.ts';

export class CliError extends Error {
  /** Sentences or command lines, one per line. */
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'CliError';
    this.remedy = remedy;
  }
}

/** Turns Node's `ENOSPC: no space left on device, write …` into `"/opt/cni/bin/flatnet": no space left on device`. */
function inWords({ message, path }: Error & { readonly path?: unknown }): string {
  const words = /^[A-Z]\w*: ([^,]+)/.exec(message)?.[1] ?? message;
  return typeof path === 'string' ? `"${path}": ${words}` : words;
}

export async function describeFailure(error: unknown, command: string): Promise<string> {
  const { asTyped } = await import('./self.ts');
  if (error instanceof CliError) {
    return withDetails(error.message, error.remedy === undefined ? undefined : asTyped(error.remedy));
  }
  const doing = `run "flatnet ${command}"`;
  if (error instanceof Error && 'syscall' in error && 'code' in error) {
    return withDetails(`Cannot ${doing}: ${inWords(error)}`, remedyForErrno(error));
  }
  const { explain } = await import('../attachment/explain.ts');
  const { message, details } = explain(error, { kind: 'internal', doing });
  return withDetails(message, details);
}

/** Escapes each line: names and contents of files are untrusted. */
function withDetails(message: string, details = ''): string {
  const lines = details === '' ? [] : details.split('\n').map((line) => `  ${printable(line)}`);
  return [printable(message), ...lines].map((line) => `${line}\n`).join('');
}
