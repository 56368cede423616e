import type { Limits } from './limits.ts';
import type { PlainWay } from './plain/way.ts';

export type { CommandTrace, TracedCommand } from './limits.ts';

/**
 * What a call hands down to everything it does. Two calls in one process have two contexts, and neither can end or trace
 * the other's work.
 */
export interface Context extends Limits {
  /** Programs that stand for netlink and the C library (`choosePlain`); absent where flatnet calls both itself. */
  readonly plain?: PlainWay | undefined;
}

/** The context of a command that a person waits for: nothing cancels it, and its trace is not read. */
export const UNBOUNDED: Context = { deadline: Infinity };

/** The same call, for what must not be left half done. */
export function uninterrupted<C extends Context>(ctx: C): C & { readonly signal: undefined } {
  return { ...ctx, signal: undefined };
}

/** Milliseconds as traces show them. */
export function hundredths(ms: number): number {
  return Math.round(ms * 100) / 100;
}
