import { printable } from '../input/printable.ts';
import { type Context, UNBOUNDED } from '../sys/context.ts';

/** What a command has of its process: where it prints, what that can show, and how it reaches the kernel. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether stdout is a terminal: only there are screens redrawn. */
  readonly isTerminal: boolean;
  /** True on a terminal, unless NO_COLOR or FORCE_COLOR says otherwise (no-color.org). */
  readonly color: boolean;
  /** Width of the terminal; 100 without one. */
  readonly columns: number;
  /** The context of what a person waits for; made when a command first asks for it. */
  readonly context: () => Promise<Context>;
}

export const EXIT = { ok: 0, warnings: 1, failure: 2 } as const;

const COLUMNS_OF_A_FILE = 100;

function wantsColor(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  if ((env['FORCE_COLOR'] ?? '') !== '') return env['FORCE_COLOR'] !== '0';
  return isTerminal && env['TERM'] !== 'dumb';
}

/** EPIPE is no error: `flatnet logs | head` closes the pipe early. */
function endWithReader(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: Error) => {
    if ('code' in error && error.code === 'EPIPE') process.exit(EXIT.ok);
    throw error;
  });
}

async function contextBy(env: Readonly<Record<string, string | undefined>>): Promise<Context> {
  const { choosePlain } = await import('../sys/plain/choose.ts');
  return { ...UNBOUNDED, plain: await choosePlain(env['FLATNET_APPLY']) };
}

export function processIo(): Io {
  const { stdout, stderr, env } = process;
  endWithReader(stdout);
  const isTerminal = stdout.isTTY;
  let context: Promise<Context> | undefined;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    isTerminal,
    color: wantsColor(env, isTerminal),
    columns: isTerminal ? stdout.columns : COLUMNS_OF_A_FILE,
    context: () => (context ??= contextBy(env)),
  };
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

export function printJson(io: Io, value: unknown): void {
  io.out(jsonText(value));
}

/** Prints the actions of a command, one per line; returns EXIT.warnings if a file was kept. */
export function printDone(io: Io, isJson: boolean, done: readonly string[]): number {
  if (isJson) printJson(io, { done });
  else io.out(done.map((line) => `${printable(line)}\n`).join(''));
  return done.some((line) => line.startsWith('kept')) ? EXIT.warnings : EXIT.ok;
}
