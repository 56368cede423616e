import { remedyForErrno } from '../input/errno.ts';
import { printable } from '../input/printable.ts';

/** A failed command: what failed and why, and the remedy. */
export class CliError extends Error {
  /** Sentences or command lines, one a line. */
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'CliError';
    this.remedy = remedy;
  }
}

/** `no space left on device: "/opt/cni/bin/flatnet"`, from Node's `ENOSPC: no space left on device, write …`. */
function inWords({ message, path }: Error & { readonly path?: unknown }): string {
  const words = /^[A-Z]\w*: ([^,]+)/.exec(message)?.[1] ?? message;
  return typeof path === 'string' ? `"${path}": ${words}` : words;
}

/** An error as text: what failed and why, and below it, indented, the remedy. */
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

/** Names and contents of files are not trusted; only the line ends are ours. */
function withDetails(message: string, details = ''): string {
  const lines = details === '' ? [] : details.split('\n').map((line) => `  ${printable(line)}`);
  return [printable(message), ...lines].map((line) => `${line}\n`).join('');
}
