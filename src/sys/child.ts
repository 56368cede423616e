import { type ChildProcess, spawn } from 'node:child_process';
import { hasCode } from './state-file.ts';

/** A program to start, by path. */
export interface ChildSpec {
  readonly file: string;
  readonly args: readonly string[];
  readonly input: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  /** Becomes descriptor 3 of the program. */
  readonly fd?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a program left behind. */
export interface Completed {
  readonly exitCode: number | null;
  readonly killedBy: NodeJS.Signals | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it could not be started, or not be heard out. */
  readonly cause?: unknown;
}

/** The largest listing of a host with thousands of links is a tenth of this. */
const OUTPUT_LIMIT = 32 * 1024 * 1024;

/** How long to wait for a killed program, and for the pipes of one that ended and left something behind. */
const LINGER_MS = 500;

const NOTHING_YET: Completed = { exitCode: null, killedBy: null, timedOut: false, stdout: '', stderr: '' };

/**
 * Runs a program to its end. It has a process group of its own: Ctrl-C in the terminal of `podman run` must not
 * reach the `ip` of an undo, and what it started itself ends with it.
 *
 * A program that does not even die of SIGKILL (it waits in the kernel, for a lock of the network stack for example)
 * is left behind: whoever called flatnet holds a lock of the whole host meanwhile.
 */
export function runChild(spec: ChildSpec): Promise<Completed> {
  let child: ChildProcess;
  try {
    child = spawn(spec.file, spec.args, {
      cwd: '/',
      env: spec.env,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', spec.fd ?? 'ignore'],
    });
  } catch (cause) {
    return Promise.resolve({ ...NOTHING_YET, cause });
  }
  // A program that ends without reading its input closes the pipe; its exit code says what happened.
  child.stdin?.on('error', () => undefined).end(spec.input);
  return untilEnded(child, spec);
}

type Seen = { -readonly [Key in keyof Completed]: Completed[Key] };

function untilEnded(child: ChildProcess, spec: ChildSpec): Promise<Completed> {
  return new Promise((resolve) => {
    const seen: Seen = { ...NOTHING_YET };
    let linger: NodeJS.Timeout | undefined;
    const settle = () => {
      clearTimeout(timer);
      clearTimeout(linger);
      spec.signal?.removeEventListener('abort', stop);
      letGo(child);
      resolve(seen);
    };
    const settleSoon = () => {
      // After a long stop of this very process the timer is due before the pipes were read once more.
      linger ??= setTimeout(() => setImmediate(settle), LINGER_MS);
    };
    const stop = () => {
      killGroup(child);
      settleSoon();
    };
    const timer = setTimeout(() => {
      seen.timedOut = true;
      stop();
    }, spec.timeoutMs);
    spec.signal?.addEventListener('abort', stop, { once: true });
    collectOutput(child, seen, stop);
    child.once('error', (cause) => {
      seen.cause = cause;
      settle();
    });
    child.once('exit', (exitCode, killedBy) => {
      Object.assign(seen, { exitCode, killedBy });
      settleSoon();
    });
    child.once('close', settle);
  });
}

function collectOutput(child: ChildProcess, seen: Seen, stop: () => void): void {
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      if (seen.stdout.length + seen.stderr.length + chunk.length > OUTPUT_LIMIT) {
        seen.cause = new Error(`it printed more than ${OUTPUT_LIMIT / 1024 / 1024} MiB`);
        stop();
        return;
      }
      seen[name] += chunk;
    });
  }
}

/** A negative pid means the whole group; ESRCH that nobody of it is left. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

/** Neither the program nor what it left behind at its pipes may keep us from ending. */
function letGo(child: ChildProcess): void {
  child.unref();
  for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.destroy();
}
