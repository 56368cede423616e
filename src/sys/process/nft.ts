import type { Context } from '../context.ts';
import { type Completed, CommandError, run } from './run.ts';

/**
 * Runs lines of nft as one transaction: all of them take effect, or none. They go into the command line, because from
 * 1.0.8 on nft refuses a standard input that is a socket, and that is what Node gives a child; each line by itself, for
 * one argument holds at most 128 kB, and nft puts them together again.
 *
 * @param options of nft: `-c` has the lines checked and not carried out.
 */
export function nft(
  lines: readonly string[],
  ctx: Context,
  options: readonly string[] = [],
): Promise<Completed> {
  return run({ tool: 'nft', args: [...options, ...lines.map((line) => `${line};`)] }, ctx);
}

/** True when nft failed because a table, chain, set or element is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof CommandError && /No such file or directory/.test(error.completed.stderr);
}

/** Everything that nft sees, without counters and elements, with handles. */
export async function nftRuleset(ctx: Context): Promise<string> {
  const { stdout } = await run({ tool: 'nft', args: ['-a', '-s', '-t', 'list', 'ruleset'] }, ctx);
  return stdout;
}
