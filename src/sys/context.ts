import type { Limits } from './limits.ts';
import type { PlainWay } from './plain/way.ts';

export type { CommandTrace, TracedCommand } from './limits.ts';

/**
 * Passed down through a call. Two calls in one process have two contexts, and neither can end or trace the other's
 * work.
 */
export interface Context extends Limits {
  /** Programs that replace netlink and the C library (`choosePlain`); absent if flatnet calls both itself. */
  readonly plain?: PlainWay | undefined;
}

/** For commands that a person waits for: nothing cancels them, and nothing reads their trace. */
export const UNBOUNDED: Context = { deadline: Infinity };

/** The same call, for work that must not be left half done. */
export function uninterrupted<C extends Context>(ctx: C): C & { readonly signal: undefined } {
  return { ...ctx, signal: undefined };
}

/** Milliseconds rounded for traces. */
export function hundredths(ms: number): number {
  return Math.round(ms * 100) / 100;
}
