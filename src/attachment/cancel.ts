import { FlatnetError } from '../input/error.ts';
import { RollbackError } from './rollback.ts';
import { onInterrupt, onUncaught } from '../sys/process/signals.ts';
import { explain } from './explain.ts';
import type { Trace } from '../cni/request.ts';

/**
 * Podman and netavark set no time limit and hold a lock of the whole host meanwhile; flatnet ends within 30 s. What
 * makes things is stopped after the first limit, what removes them (undo, DEL) after the second; a wait for the lock
 * of the addresses may lie between them.
 */
export const LIMITS_MS = { work: 18_000, undo: 26_000 } as const;

/** A call that can be ended from outside. */
export interface Cancellation {
  readonly signal: AbortSignal;
  readonly done: () => void;
}

/** Who is called, and where to note what does not end the call. */
export interface Cancellable {
  readonly name: string;
  readonly isInterruptible: boolean;
  readonly trace: Trace;
}

/** Aborts the call on SIGTERM and its like, at the time limit, and on an error that nothing caught. */
export function startCancellation({ name, isInterruptible, trace }: Cancellable): Cancellation {
  const controller = new AbortController();
  const cancel = (error: FlatnetError) => {
    if (isInterruptible) controller.abort(error);
    else trace.warnings.push(`${error.message}; it went on`);
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
    signal: controller.signal,
    done: () => {
      clearTimeout(timer);
      undoInterrupt();
      undoUncaught();
    },
  };
}

/** The error of a call that was cancelled: why it was, and what could not be undone. */
export function cancelledError(reason: FlatnetError, error: unknown): FlatnetError {
  if (error instanceof RollbackError) {
    return explain(new RollbackError(reason, error.failures), { kind: reason.kind, doing: 'undo the call' });
  }
  const details = ['whatever it had made is undone', reason.details].filter((part) => part !== undefined);
  return reason.amended({ details: details.join('; '), cause: reason.cause });
}
