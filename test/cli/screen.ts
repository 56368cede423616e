import type { Io } from '../../src/cli/io.ts';
import { UNBOUNDED } from '../../src/sys/context.ts';
import { choosePlain } from '../../src/sys/plain/choose.ts';
import { runProgram } from '../../src/cli/program.ts';

/** What a command printed, and how it ended. */
export interface Screen {
  readonly out: string;
  readonly err: string;
  readonly exitCode: number;
}

/** A place to print to that remembers. */
export function recordingIo(options: Partial<Io> = {}): {
  readonly io: Io;
  readonly printed: () => Omit<Screen, 'exitCode'>;
} {
  let out = '';
  let err = '';
  const io: Io = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    isTerminal: false,
    color: false,
    columns: 100,
    context: async () => ({ ...UNBOUNDED, plain: await choosePlain(process.env['FLATNET_APPLY']) }),
    ...options,
  };
  return { io, printed: () => ({ out, err }) };
}

/** Runs a command line in this process. */
export async function typed(...argv: readonly string[]): Promise<Screen> {
  const { io, printed } = recordingIo();
  const exitCode = await runProgram(argv, io);
  return { ...printed(), exitCode };
}
