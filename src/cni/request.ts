import type { Attachment } from '../ipam/types.ts';
import { monotonicMs } from '../sys/clock.ts';
import type { CniArgs, Environment } from './args.ts';
import type { NetConf } from './types.ts';

/** One call of the plugin, parsed and checked; what every verb gets. */
export interface Request {
  readonly args: CniArgs;
  readonly conf: NetConf;
  readonly attachment: Attachment;
  /** The caller's environment, for delegated plugins only. */
  readonly env: Environment;
  /** Aborted by SIGTERM and by flatnet's own time limit. Its reason is the error to report. */
  readonly signal: AbortSignal;
  /** Hands the verb's document to the runtime; ADD does so while it can still undo everything. */
  readonly deliver: (document: string) => void;
  /** Notes the duration of a step and facts for the log. */
  readonly trace: Trace;
}

/** What the log line of a call gathers on its way. */
export interface Trace {
  /** Milliseconds per step, in order. */
  readonly steps: Record<string, number>;
  /** Facts such as addresses and the container's name. */
  readonly facts: Record<string, string | readonly string[]>;
  /** Things that went wrong without failing the call. */
  readonly warnings: string[];
  /** Commands that were run and requests that were made, in the order they ended. */
  readonly commands: RanCommand[];
}

/** One command, as the log tells it; or a request to the kernel, as the words of `ip` or `nft` for it. */
export interface RanCommand {
  readonly command: string;
  /** What it got on stdin: the lines of a batch or of an nft transaction. */
  readonly input?: string;
  readonly ms: number;
  /** `null` when it was ended by a signal or did not start; a request has none. */
  readonly exitCode?: number | null;
  readonly killedBy?: string;
  readonly timedOut?: boolean;
  readonly stderr?: string;
  /** Why the kernel refused the request. */
  readonly refusal?: string;
}

/** Milliseconds as the log tells them. */
export function hundredths(ms: number): number {
  return Math.round(ms * 100) / 100;
}

/** Runs a step and notes how long it took. */
export async function timed<T>(trace: Trace, name: string, body: () => Promise<T>): Promise<T> {
  const start = monotonicMs();
  try {
    return await body();
  } finally {
    trace.steps[name] = hundredths(monotonicMs() - start);
  }
}
