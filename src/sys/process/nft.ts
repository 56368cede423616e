import type { Context } from '../context.ts';
import { FlatnetError } from '../../input/error.ts';
import { type Completed, CommandError, run } from './run.ts';

/**
 * Lines of nft as arguments, because Node gives a child a socket as stdin, which nft refuses from 1.0.8 on. nft joins
 * its arguments; each line is one, because an argument holds at most 128 kB.
 */
export function linesAsArguments(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `${line};`);
}

/**
 * Runs lines of nft as one transaction: all take effect, or none.
 * @param options of nft: with `-c` it checks the lines without applying them.
 */
export function nft(
  lines: readonly string[],
  ctx: Context,
  options: readonly string[] = [],
): Promise<Completed> {
  return run({ tool: 'nft', args: [...options, ...linesAsArguments(lines)] }, ctx);
}

/** Whether nft failed because a table, chain, set or element does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof CommandError && /No such file or directory/.test(error.completed.stderr);
}

/** Message of an nft built without libjansson. */
const WITHOUT_JSON = /JSON support/;

/** Print JSON, without counters. */
export const LIST_OPTIONS = ['-j', '-s'];

/** Adds the remedy if nft cannot print JSON. */
export function withoutJson(error: unknown): unknown {
  if (!(error instanceof CommandError) || !WITHOUT_JSON.test(error.completed.stderr)) return error;
  return new FlatnetError('unsupported', 'Cannot read the packet filter: "nft" is built without JSON', {
    details: 'install the nftables package of the distribution, or build nftables --with-json',
    cause: error,
  });
}

/**
 * Parsed output of `nft -j list ...`; `undefined` if the table, chain or set does not exist.
 * @param what as nft takes it: `table inet flatnet`.
 * @throws FlatnetError if this machine's nft cannot print JSON.
 */
export async function listAsJson(what: string, ctx: Context): Promise<unknown> {
  try {
    const { stdout } = await nft([`list ${what}`], ctx, LIST_OPTIONS);
    return JSON.parse(stdout);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw withoutJson(error);
  }
}
