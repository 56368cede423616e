import { processIo } from './io.ts';

/**
 * Answers what a person typed.
 *
 * @param argv The words after the program's name.
 * @returns The exit code: 0 fine, 1 something to look at, 2 failure.
 */
export async function runCli(argv: readonly string[]): Promise<number> {
  const { runProgram } = await import('./program.ts');
  return runProgram(argv, processIo());
}
