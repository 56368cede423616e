import type { ExecResult, RunningCommand } from './exec.ts';
import type { Place } from './host.ts';
import { firstDocument } from './document.ts';

/** What CNI_COMMAND may say. */
export type Verb = 'ADD' | 'DEL' | 'CHECK' | 'GC' | 'STATUS' | 'VERSION';

/** One execution of a plugin, as a runtime would make it. */
export interface Call {
  readonly binary: string;
  /** The whole environment besides PATH; `undefined` leaves a variable out. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: string;
}

/** What came back. */
export interface Reply extends ExecResult {
  readonly call: Call;
  /** The first JSON document on stdout; `undefined` when there is none. */
  readonly document: unknown;
  /** stdout is one JSON document and nothing else, or empty. */
  readonly clean: boolean;
}

/** A call under way. */
export interface RunningCall extends Pick<RunningCommand, 'kill'> {
  readonly reply: Promise<Reply>;
}

/** Longer than any plugin should need, shorter than a runtime's patience. */
export const CALL_TIMEOUT_MS = 40_000;

/** Starts a plugin the way libcni does: environment, configuration on stdin, result on stdout. */
export function startCall(place: Place, call: Call): RunningCall {
  const env = Object.fromEntries(Object.entries(call.env).filter((entry) => entry[1] !== undefined));
  const running = place.start([call.binary], {
    input: call.stdin,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...(env as Record<string, string>) },
    timeoutMs: CALL_TIMEOUT_MS,
  });
  return {
    kill: (signal) => {
      running.kill(signal);
    },
    reply: running.result.then((ended) => ({ ...ended, call, ...readStdout(ended.stdout) })),
  };
}

function readStdout(stdout: string): Pick<Reply, 'document' | 'clean'> {
  const found = firstDocument(stdout);
  if (found === undefined) return { document: undefined, clean: stdout.trim() === '' };
  return { document: found.value, clean: found.before.trim() === '' && found.after.trim() === '' };
}
