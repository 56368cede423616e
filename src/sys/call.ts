import type { Completed } from './process/child-output.ts';
import type { Command } from './process/run.ts';

/** A program that has ended, whatever way. */
export interface Ran {
  readonly command: Command;
  readonly completed: Completed;
  readonly ms: number;
}

/** A netlink request that the kernel has answered. */
export interface Asked {
  /** As a line of `ip` or `nft` would say it. */
  readonly says: string;
  readonly ms: number;
  /** Why the kernel refused it; absent: it did not. */
  readonly refusal: string | undefined;
}

/** What all programs and requests of a call have in common: the process serves one call. */
export interface Call {
  /** Reading of `monotonicMs()` by which the call has to be over. */
  readonly deadline: number;
  /** Hears of every program that ended. */
  readonly onEnd?: (ran: Ran) => void;
  /** Hears of every request that was answered. */
  readonly onAnswer?: (asked: Asked) => void;
}

let call: Call = { deadline: Infinity };

/**
 * Bounds all programs from here on by the end of the call, undo steps included: each has its own time limit, but
 * a runtime waits for their sum.
 */
export function setCall(next: Call): void {
  call = next;
}

/** The call that this process serves. */
export function currentCall(): Call {
  return call;
}
