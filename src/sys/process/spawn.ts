import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { hasCode } from '../files/state-file.ts';

export interface ProgramSpec {
  readonly file: string;
  readonly args: readonly string[];
  readonly input: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  /** Becomes descriptor 3 of the program. */
  readonly fd?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Completed {
  readonly exitCode: number | null;
  readonly killedBy: NodeJS.Signals | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** Why the program could not be started, or was stopped. */
  readonly cause?: unknown;
}

interface Program extends ChildProcess {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** Ten times the largest listing of a host with thousands of links. */
const OUTPUT_LIMIT_MIB = 32;
/** How long to wait for a killed program, and for the pipes of one that left processes behind. */
const LINGER_MS = 500;

/** Kills a program and all processes it started. A negative pid means the group; ESRCH that the group is empty. */
function killGroup({ pid }: Program): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

/** Collects the output; calls back if it exceeds the limit. */
function collect(
  { stdout, stderr }: Program,
  onExcess: () => void,
): () => { stdout: string; stderr: string } {
  let bytes = 0;
  const read = (stream: Readable) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > OUTPUT_LIMIT_MIB * 1024 * 1024) onExcess();
      else chunks.push(chunk);
    });
    return () => Buffer.concat(chunks).toString();
  };
  const [out, err] = [read(stdout), read(stderr)];
  return () => ({ stdout: out(), stderr: err() });
}

/** Lets Node exit while a program or its pipes still exist. */
function release(program: Program): void {
  program.unref();
  for (const stream of [program.stdin, program.stdout, program.stderr]) stream.destroy();
}

/**
 * Starts a program in a separate process group: Ctrl-C in the terminal of `podman run` must not reach the `ip` of an
 * undo. Loads `node:child_process` here, because most calls start no program.
 */
function start({ file, args, env, fd }: ProgramSpec): ChildProcess {
  return process.getBuiltinModule('node:child_process').spawn(file, args, {
    cwd: '/',
    // Unless set, Node passes on its own value.
    env: { NODE_V8_COVERAGE: undefined, ...env },
    stdio: ['pipe', 'pipe', 'pipe', fd ?? 'ignore'],
    detached: true,
  });
}

/** A program that did not start has no pid, and emits an error. */
function isStarted(child: ChildProcess): child is Program {
  return child.pid !== undefined;
}

/** Waits for a program to end and close its pipes; kills it on timeout, cancellation or excessive output. */
function untilEnded(program: Program, { input, timeoutMs, signal }: ProgramSpec): Promise<Completed> {
  return new Promise((resolve) => {
    let timedOut = false;
    let cause: Error | undefined;
    let linger: NodeJS.Timeout | undefined;
    const settle = () => {
      clearTimeout(timer);
      clearTimeout(linger);
      signal?.removeEventListener('abort', stop);
      release(program);
      const { exitCode, signalCode: killedBy } = program;
      resolve({ exitCode, killedBy, timedOut, ...printed(), ...(cause === undefined ? {} : { cause }) });
    };
    const settleSoon = () => {
      // After a long stop of this very process the timer fires before the pipes are read once more.
      linger ??= setTimeout(() => setImmediate(settle), LINGER_MS);
    };
    const stop = () => {
      killGroup(program);
      settleSoon();
    };
    const printed = collect(program, () => {
      cause = new Error(`it printed more than ${OUTPUT_LIMIT_MIB} MiB`);
      stop();
    });
    const timer = setTimeout(() => {
      timedOut = true;
      stop();
    }, timeoutMs);
    signal?.addEventListener('abort', stop, { once: true });
    program.once('exit', settleSoon).once('close', settle);
    // A program may end without reading its input; its exit code says why.
    program.stdin.on('error', () => undefined).end(input);
  });
}

/**
 * Never rejects. A program that survives even SIGKILL, because it waits in the kernel (for a lock of the network stack,
 * for example), is left behind: the runtime holds a host-wide lock meanwhile.
 */
export async function runProgram(spec: ProgramSpec): Promise<Completed> {
  try {
    const child = start(spec);
    if (isStarted(child)) return await untilEnded(child, spec);
    throw await new Promise<Error>((resolve) => child.once('error', resolve));
  } catch (cause) {
    return { exitCode: null, killedBy: null, timedOut: false, stdout: '', stderr: '', cause };
  }
}
