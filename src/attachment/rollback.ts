import { uninterrupted } from '../sys/context.ts';
import type { CallContext } from './context.ts';

/**
 * Registers the undo of something just made, or about to be made. The undo gets the call's context without its signal,
 * because a cancelled call must still undo.
 */
export type Defer = (name: string, undo: (ctx: UndoContext) => Promise<unknown>) => void;

export type UndoContext = CallContext & { readonly signal: undefined };

/** The body failed and some undo steps failed too. `cause` is the body's error, the one to report. */
export class RollbackError extends Error {
  readonly failures: readonly Error[];

  constructor(cause: unknown, failures: readonly Error[]) {
    super(`Cannot undo ${failures.map((failure) => failure.message).join('; ')}`, { cause });
    this.name = 'RollbackError';
    this.failures = failures;
  }
}

interface Step {
  readonly name: string;
  readonly undo: (ctx: UndoContext) => Promise<unknown>;
}

async function unwind(steps: readonly Step[], ctx: UndoContext): Promise<Error[]> {
  const failures: Error[] = [];
  for (const step of steps.toReversed()) {
    try {
      await step.undo(ctx);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      failures.push(new Error(`${step.name}: ${why}`, { cause }));
    }
  }
  return failures;
}

/**
 * Runs `body`; if it throws, undoes what it deferred, last first, and tries every step. If a command may half succeed,
 * defer its undo before running it.
 * @throws the body's own error, or a RollbackError with it as `cause` if an undo step failed too.
 */
export async function withRollback<T>(body: (defer: Defer) => Promise<T>, ctx: CallContext): Promise<T> {
  const steps: Step[] = [];
  try {
    return await body((name, undo) => void steps.push({ name, undo }));
  } catch (reason) {
    const failures = await unwind(steps, uninterrupted(ctx));
    throw failures.length > 0 ? new RollbackError(reason, failures) : reason;
  }
}
