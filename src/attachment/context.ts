import { monotonicMs } from '../sys/clock.ts';
import { type CommandTrace, type Context, hundredths } from '../sys/context.ts';

/** Collected during a call for its log line. */
export interface Trace extends CommandTrace {
  /** Milliseconds per step, in order. */
  readonly steps: Record<string, number>;
  readonly facts: Record<string, string | readonly string[]>;
  /** Failures that did not fail the call. */
  readonly warnings: string[];
}

/** The context of a protocol's call; everything it does is traced. */
export interface CallContext extends Context {
  readonly trace: Trace;
}

export function newTrace(): Trace {
  return { steps: {}, facts: {}, warnings: [], commands: [] };
}

/** Records the duration of a step under `name`, even if the step fails. */
export async function timed<T>({ trace }: CallContext, name: string, body: () => Promise<T>): Promise<T> {
  const start = monotonicMs();
  try {
    return await body();
  } finally {
    trace.steps[name] = hundredths(monotonicMs() - start);
  }
}
