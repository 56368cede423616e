import { getSystemErrorName } from 'node:util';
import { type Audible, complete, type Completed, hear, type Heard, nothingHeard } from './child-output.ts';
import { nodeHandles, type PipeHandle } from './node-handles.ts';
import { hasCode } from '../files/state-file.ts';

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

/** How long to wait for a killed program, and for the pipes of one that ended and left something behind. */
const LINGER_MS = 500;

/** A program that was started, and our ends of its pipes. */
interface Child extends Audible {
  readonly stdin: PipeHandle;
}

/** Starts a program in a process group of its own, or says why that cannot be done. */
function start({ file, args, env, fd }: ChildSpec): Child | Error {
  // Here and not when the module is loaded: most calls start no program.
  const { Process, constants: PROCESS } = nodeHandles('process_wrap');
  const { Pipe, constants: PIPE } = nodeHandles('pipe_wrap');
  const [stdin, stdout, stderr] = [new Pipe(PIPE.SOCKET), new Pipe(PIPE.SOCKET), new Pipe(PIPE.SOCKET)];
  const child = { program: new Process(), stdin, stdout, stderr };
  const pairs = Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : `${key}=${value}`));
  const pipes = [stdin, stdout, stderr].map((handle) => ({ type: 'pipe' as const, handle }));
  const stdio = [...pipes, fd === undefined ? { type: 'ignore' as const } : { type: 'fd' as const, fd }];
  const errno = child.program.spawn(file, [file, ...args], '/', pairs, stdio, PROCESS.kProcessFlagDetached);
  if (errno === 0) return child;
  letGo(child);
  return new Error(`spawn ${file} ${getSystemErrorName(errno)}`);
}

/** Writes a program's whole input. One that ends without reading it closes the pipe; its exit code says why. */
export function feed(stdin: PipeHandle, input: string): void {
  const { WriteWrap, ShutdownWrap } = nodeHandles('stream_wrap');
  const written = new WriteWrap();
  written.oncomplete = () => undefined;
  if (input !== '') stdin.writeUtf8String(written, input);
  const ended = new ShutdownWrap();
  ended.oncomplete = () => {
    stdin.close();
  };
  if (stdin.shutdown(ended) !== 0) stdin.close();
}

/** Closing twice does nothing. */
function letGo({ program, stdin, stdout, stderr }: Child): void {
  for (const handle of [program, stdin, stdout, stderr]) {
    handle.unref();
    handle.close();
  }
}

/**
 * Runs a program to its end. It has a process group of its own: Ctrl-C in the terminal of `podman run` must not
 * reach the `ip` of an undo, and what it started itself ends with it.
 *
 * A program that does not even die of SIGKILL (it waits in the kernel, for a lock of the network stack for example)
 * is left behind: whoever called flatnet holds a lock of the whole host meanwhile.
 */
export function runChild(spec: ChildSpec): Promise<Completed> {
  const heard = nothingHeard();
  const child = start(spec);
  if (child instanceof Error) return Promise.resolve(complete({ ...heard, cause: child }));
  return untilEnded(child, spec, heard);
}

function untilEnded(child: Child, spec: ChildSpec, heard: Heard): Promise<Completed> {
  return new Promise((resolve) => {
    let linger: NodeJS.Timeout | undefined;
    const settle = () => {
      clearTimeout(timer);
      clearTimeout(linger);
      spec.signal?.removeEventListener('abort', stop);
      letGo(child);
      resolve(complete(heard));
    };
    const settleSoon = () => {
      // After a long stop of this very process the timer is due before the pipes were read once more.
      linger ??= setTimeout(() => setImmediate(settle), LINGER_MS);
    };
    const stop = () => {
      killGroup(child.program.pid);
      settleSoon();
    };
    spec.signal?.addEventListener('abort', stop, { once: true });
    const timer = setTimeout(() => {
      heard.timedOut = true;
      stop();
    }, spec.timeoutMs);
    hear(child, heard, { settle, settleSoon, stop });
    feed(child.stdin, spec.input);
  });
}

/** A negative pid means the whole group; ESRCH that nobody of it is left. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}
