import { printable } from './text/printable.ts';

/** A command that cannot do what was asked: what failed and why, and what the reader can do about it. */
export class CliError extends Error {
  /** Sentences or command lines, one a line. */
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'CliError';
    this.remedy = remedy;
  }
}

/** An error as a person reads it: the message, and indented below it cause and remedy. */
export async function describeFailure(error: unknown): Promise<string> {
  if (error instanceof CliError) {
    const { asTyped } = await import('./self.ts');
    return withDetails(error.message, error.remedy === undefined ? undefined : asTyped(error.remedy));
  }
  const [{ explain }, { CODE }] = await Promise.all([
    import('../cni/explain.ts'),
    import('../cni/errors.ts'),
  ]);
  const { message, details } = explain(error, { code: CODE.internal, doing: 'do this' });
  return withDetails(message, details);
}

/** Names of files and what is in them come from anybody; only the line ends are ours. */
function withDetails(message: string, details = ''): string {
  const lines = details === '' ? [] : details.split('\n').map((line) => `  ${printable(line)}`);
  return [printable(message), ...lines].map((line) => `${line}\n`).join('');
}
