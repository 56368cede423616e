import type { ExecResult, RunningCommand } from './exec.ts';
import type { Place } from './host.ts';
import { firstDocument } from './document.ts';

/** Values of CNI_COMMAND. */
export type Verb = 'ADD' | 'DEL' | 'CHECK' | 'GC' | 'STATUS' | 'VERSION';

/** One execution of a plugin, as by a runtime. */
export interface Call {
  readonly binary: string;
  /** Arguments; CNI has none. */
  readonly args?: readonly string[];
  /** The whole environment except PATH; `undefined` omits a variable. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: string;
}

export interface Reply extends ExecResult {
  readonly call: Call;
  /** The first JSON document on stdout; `undefined` if there is none. */
  readonly document: unknown;
  /** stdout is empty, or exactly one JSON document. */
  readonly clean: boolean;
}

/** The word that says what is asked: the first argument, or CNI_COMMAND; empty if there is neither. */
export function commandOf({ args = [], env }: Pick<Call, 'args' | 'env'>): string {
  return args[0] ?? env['CNI_COMMAND'] ?? '';
}

export interface RunningCall extends Pick<RunningCommand, 'kill'> {
  readonly reply: Promise<Reply>;
}

/** Longer than any plugin should need, shorter than a runtime waits. */
export const CALL_TIMEOUT_MS = 40_000;

/** Starts a plugin as a runtime does: arguments, environment, configuration on stdin, result on stdout. */
export function startCall(place: Place, call: Call): RunningCall {
  const env = Object.fromEntries(Object.entries(call.env).filter((entry) => entry[1] !== undefined));
  const running = place.start([call.binary, ...(call.args ?? [])], {
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
