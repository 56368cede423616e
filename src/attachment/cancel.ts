import { FlatnetError } from '../input/error.ts';
import { RollbackError } from './rollback.ts';
import { onInterrupt, onUncaught } from '../sys/process/signals.ts';
import { explain } from './explain.ts';
import { monotonicMs } from '../sys/clock.ts';
import type { PlainWay } from '../sys/plain/way.ts';
import { type CallContext, newTrace } from './context.ts';

/**
 * Podman and netavark set no time limit and hold a lock of the whole host meanwhile; flatnet ends within 30 s. What
 * makes things is stopped after the first limit, what removes them (undo, DEL) after the second; a wait for the lock
 * of the addresses may lie between them.
 */
export const LIMITS_MS = { work: 18_000, undo: 26_000 } as const;

/** A call that has begun. */
export interface StartedCall {
  readonly ctx: CallContext & { readonly signal: AbortSignal };
  /** Lets go of signals and timer. */
  readonly done: () => void;
}

/**
 * Begins a call: its context is cancelled by SIGTERM and its like, at the time limit, and by an error that nothing caught.
 *
 * @param name of the call, as messages have it.
 * @param isInterruptible false: what would cancel the call is noted as a warning.
 * @param plain programs that stand for netlink, where something has to.
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

/** The error to report for a call that failed: why it was cancelled, if it was. */
export function failureOf({ signal }: { readonly signal: AbortSignal }, error: unknown): unknown {
  const reason: unknown = signal.aborted ? signal.reason : undefined;
  return reason instanceof FlatnetError ? cancelledError(reason, error) : error;
}

/** The error of a call that was cancelled: why it was, and what could not be undone. */
function cancelledError(reason: FlatnetError, error: unknown): FlatnetError {
  if (error instanceof RollbackError) {
    return explain(new RollbackError(reason, error.failures), { kind: reason.kind, doing: 'undo the call' });
  }
  const details = ['whatever it had made is undone', reason.details].filter((part) => part !== undefined);
  return reason.amended({ details: details.join('; '), cause: reason.cause });
}
