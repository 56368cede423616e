import { monotonicMs } from '../sys/clock.ts';
import { type CommandTrace, type Context, hundredths } from '../sys/context.ts';

/** What the log line of a call gathers on its way. */
export interface Trace extends CommandTrace {
  /** Milliseconds per step, in order. */
  readonly steps: Record<string, number>;
  /** Facts such as addresses and the container's name. */
  readonly facts: Record<string, string | readonly string[]>;
  /** Things that went wrong without failing the call. */
  readonly warnings: string[];
}

/** The context of a call of a protocol: everything it does is traced. */
export interface CallContext extends Context {
  readonly trace: Trace;
}

/** A trace of nothing so far. */
export function newTrace(): Trace {
  return { steps: {}, facts: {}, warnings: [], commands: [] };
}

/** Runs a step and notes how long it took. */
export async function timed<T>({ trace }: CallContext, name: string, body: () => Promise<T>): Promise<T> {
  const start = monotonicMs();
  try {
    return await body();
  } finally {
    trace.steps[name] = hundredths(monotonicMs() - start);
  }
}
