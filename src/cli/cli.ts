import { processIo } from './io.ts';

/**
 * Runs a command line.
 *
 * @param argv The words after the program's name.
 * @returns The exit code: 0 success, 1 warnings, 2 failure.
 */
export async function runCli(argv: readonly string[]): Promise<number> {
  const { runProgram } = await import('./program.ts');
  return runProgram(argv, processIo());
}
