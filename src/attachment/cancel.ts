import { FlatnetError } from '../input/error.ts';
import { RollbackError } from './rollback.ts';
import { onInterrupt, onUncaught } from '../sys/process/signals.ts';
import { explain } from './explain.ts';
import { monotonicMs } from '../sys/clock.ts';
import type { PlainWay } from '../sys/plain/way.ts';
import { type CallContext, newTrace } from './context.ts';

/**
 * Podman and netavark set no time limit and meanwhile hold a host-wide lock, so flatnet ends within 30 s. In
 * milliseconds from the start of the call: creation stops at `work`, removal (undo, DEL) at `undo`; a wait for the lock
 * of the addresses may lie between them.
 */
export const LIMITS_MS = { work: 18_000, undo: 26_000 } as const;

export interface StartedCall {
  readonly ctx: CallContext & { readonly signal: AbortSignal };
  /** Releases signal handlers and timer. */
  readonly done: () => void;
}

/**
 * Starts a call, whose context is cancelled by SIGTERM and its like, at the time limit, and by an uncaught error.
 * @param name of the call, for messages.
 * @param isInterruptible if false, a cancellation only adds a warning.
 * @param plain programs that replace netlink, where it is not available.
 */
export function startCall(name: string, isInterruptible: boolean, plain?: PlainWay): StartedCall {
  const controller = new AbortController();
  const deadline = monotonicMs() + LIMITS_MS.undo;
  const ctx = { signal: controller.signal, deadline, trace: newTrace(), plain };
  const cancel = (error: FlatnetError) => {
    if (isInterruptible) controller.abort(error);
    else ctx.trace.warnings.push(`${error.message}; it went on`);
  };
  const undoInterrupt = onInterrupt((signal) => {
    cancel(new FlatnetError('busy', `${name} was interrupted by ${signal}`));
  });
  const undoUncaught = onUncaught((error) => {
    cancel(explain(error, { kind: 'internal', doing: `run ${name}` }));
  });
  const timer = setTimeout(() => {
    const seconds = LIMITS_MS.work / 1000;
    const details = 'is the host overloaded?';
    cancel(new FlatnetError('busy', `${name} did not finish within ${seconds} s`, { details }));
  }, LIMITS_MS.work);
  return {
    ctx,
    done: () => {
      clearTimeout(timer);
      undoInterrupt();
      undoUncaught();
    },
  };
}

/** The error to report for a failed call: the reason of its cancellation, if it was cancelled. */
export function failureOf({ signal }: { readonly signal: AbortSignal }, error: unknown): unknown {
  const reason: unknown = signal.aborted ? signal.reason : undefined;
  return reason instanceof FlatnetError ? cancelledError(reason, error) : error;
}

/** The reason of the cancellation, with the undo steps that failed. */
function cancelledError(reason: FlatnetError, error: unknown): FlatnetError {
  if (error instanceof RollbackError) {
    return explain(new RollbackError(reason, error.failures), { kind: reason.kind, doing: 'undo the call' });
  }
  const details = ['all changes were undone', reason.details].filter((part) => part !== undefined);
  return reason.amended({ details: details.join('; '), cause: reason.cause });
}
