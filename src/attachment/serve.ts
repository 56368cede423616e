import type { FlatnetError } from '../input/error.ts';
import { monotonicMs, uptimeMs } from '../sys/clock.ts';
import { hundredths } from '../sys/context.ts';
import { endProcess } from '../sys/libc.ts';
import type { Host } from '../sys/process/host.ts';
import { choosePlain } from '../sys/plain/choose.ts';
import { failureOf, type StartedCall, startCall } from './cancel.ts';
import { explain } from './explain.ts';
import { formatTrace } from './trace.ts';

/** One call of a protocol: ADD, `setup`. */
export interface Served {
  readonly name: string;
  /** Completes "Cannot ...". */
  readonly doing: string;
  /** Whether SIGTERM and the time limit end it. */
  readonly isInterruptible: boolean;
  /** How the caller wants changes applied (FLATNET_APPLY), see `choosePlain`. */
  readonly apply: string | undefined;
}

/** What a protocol does with its call. */
export interface Protocol {
  readonly run: () => Promise<void>;
  /** The answer to a call that failed. */
  readonly formatError: (error: FlatnetError) => string;
  readonly log: (ms: number, error: FlatnetError | undefined) => void;
}

/**
 * Serves one call of any protocol within its limits: prints exactly one document, logs one line, and returns the exit code.
 * @param protocol makes the protocol's part for the context of the call.
 */
export async function serveCall(
  host: Omit<Host, 'env' | 'readStdin'>,
  { name, doing, isInterruptible, apply }: Served,
  protocol: (ctx: StartedCall['ctx']) => Protocol,
): Promise<number> {
  const start = monotonicMs();
  const plain = await choosePlain(apply);
  const { ctx, done } = startCall(name, isInterruptible, plain);
  ctx.trace.steps['start'] = hundredths(uptimeMs());
  const { run, formatError, log } = protocol(ctx);
  let failure: FlatnetError | undefined;
  try {
    await run();
  } catch (error) {
    failure = explain(failureOf(ctx, error), { kind: 'internal', doing });
    report(host, formatError(failure), ctx);
  }
  const ms = monotonicMs() - start;
  log(ms, failure);
  host.writeTrace?.(formatTrace(name, ms, ctx.trace));
  const exitCode = failure === undefined ? 0 : 1;
  if (host.isWholeProcess) endProcess(exitCode);
  done();
  return exitCode;
}

function report(host: Pick<Host, 'writeStdout'>, document: string, { trace }: StartedCall['ctx']): void {
  try {
    host.writeStdout(`${document}\n`);
  } catch (problem) {
    trace.warnings.push(`Cannot hand over the error: ${String(problem)}`);
  }
}
