import type { Context } from '../context.ts';
import { FlatnetError } from '../../input/error.ts';
import { type Completed, CommandError, run } from './run.ts';

/**
 * Lines of nft as its arguments, because Node gives a child a socket as stdin, which nft refuses from 1.0.8 on. Each line
 * is one of its own, because an argument holds at most 128 kB; nft joins them.
 */
export function linesAsArguments(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `${line};`);
}

/**
 * Runs lines of nft as one transaction: all of them take effect, or none.
 *
 * @param options of nft: with `-c` it checks the lines and does not carry them out.
 */
export function nft(
  lines: readonly string[],
  ctx: Context,
  options: readonly string[] = [],
): Promise<Completed> {
  return run({ tool: 'nft', args: [...options, ...linesAsArguments(lines)] }, ctx);
}

/** True when nft failed because a table, chain, set or element does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof CommandError && /No such file or directory/.test(error.completed.stderr);
}

/** What nft says when it was built without libjansson. */
const WITHOUT_JSON = /JSON support/;

/** Of nft: print JSON, and leave counters out. */
export const LIST_OPTIONS = ['-j', '-s'];

/** The error of a listing; of an nft that cannot print JSON, what to do about that. */
export function withoutJson(error: unknown): unknown {
  if (!(error instanceof CommandError) || !WITHOUT_JSON.test(error.completed.stderr)) return error;
  return new FlatnetError('unsupported', 'Cannot read the packet filter: "nft" is built without JSON', {
    details: 'install the nftables package of the distribution, or build nftables --with-json',
    cause: error,
  });
}

/**
 * What `nft -j list ...` prints, parsed; `undefined` where there is no such table, chain or set.
 *
 * @param what as nft takes it: `table inet flatnet`.
 * @throws FlatnetError where this machine's nft cannot print JSON.
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
