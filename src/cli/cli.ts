import { processIo } from './io.ts';

/** Runs the words after the program's name; returns the exit code: 0 success, 1 warnings, 2 failure. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const { runProgram } = await import('./program.ts');
  return runProgram(argv, processIo());
}
