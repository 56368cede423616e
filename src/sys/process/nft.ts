import type { Context } from '../context.ts';
import { type Completed, CommandError, run } from './run.ts';

/**
 * Runs lines of nft as one transaction: all of them take effect, or none. They are arguments, because Node gives a child
 * a socket as stdin, which nft refuses from 1.0.8 on. Each line is one of its own, because an argument holds at most
 * 128 kB; nft joins them.
 *
 * @param options of nft: with `-c` it checks the lines and does not carry them out.
 */
export function nft(
  lines: readonly string[],
  ctx: Context,
  options: readonly string[] = [],
): Promise<Completed> {
  return run({ tool: 'nft', args: [...options, ...lines.map((line) => `${line};`)] }, ctx);
}

/** True when nft failed because a table, chain, set or element does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof CommandError && /No such file or directory/.test(error.completed.stderr);
}

/** The whole ruleset, with handles, without counters and elements. */
export async function nftRuleset(ctx: Context): Promise<string> {
  const { stdout } = await run({ tool: 'nft', args: ['-a', '-s', '-t', 'list', 'ruleset'] }, ctx);
  return stdout;
}
