import { nodeHandles, type PipeHandle, type ProcessHandle } from './node-handles.ts';

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

/** A running program, and our ends of what it prints to. */
export interface Audible {
  readonly program: ProcessHandle;
  readonly stdout: PipeHandle;
  readonly stderr: PipeHandle;
}

/** What was heard of a program so far. */
export interface Heard {
  exitCode: number | null;
  killedBy: NodeJS.Signals | null;
  timedOut: boolean;
  readonly output: Record<'stdout' | 'stderr', Buffer[]>;
  bytes: number;
  cause?: unknown;
}

/** Before the program has done anything. */
export function nothingHeard(): Heard {
  return { exitCode: null, killedBy: null, timedOut: false, output: { stdout: [], stderr: [] }, bytes: 0 };
}

/** What became of the program, as far as it was heard. */
export function complete({ exitCode, killedBy, timedOut, output, cause }: Heard): Completed {
  const [stdout, stderr] = [Buffer.concat(output.stdout).toString(), Buffer.concat(output.stderr).toString()];
  return { exitCode, killedBy, timedOut, stdout, stderr, ...(cause === undefined ? {} : { cause }) };
}

/** What is to be done when. */
export interface Endings {
  /** All is heard. */
  readonly settle: () => void;
  /** The program is gone; its pipes may stay open. */
  readonly settleSoon: () => void;
  /** It prints too much. */
  readonly stop: () => void;
}

/** Listens to a program until it has ended and closed its pipes. */
export function hear(child: Audible, heard: Heard, { settle, settleSoon, stop }: Endings): void {
  let open = 3;
  const closed = () => {
    open -= 1;
    if (open === 0) settle();
    else if (heard.exitCode !== null || heard.killedBy !== null) settleSoon();
  };
  child.program.onexit = (exitCode, signal) => {
    Object.assign(heard, signal === '' ? { exitCode } : { killedBy: signal });
    closed();
  };
  for (const name of ['stdout', 'stderr'] as const) {
    listen(child[name], closed, (bytes) => {
      heard.bytes += bytes.length;
      if (heard.bytes <= OUTPUT_LIMIT) {
        heard.output[name].push(bytes);
        return;
      }
      heard.cause = new Error(`it printed more than ${OUTPUT_LIMIT / 1024 / 1024} MiB`);
      stop();
    });
  }
}

function listen(pipe: PipeHandle, closed: () => void, take: (bytes: Buffer) => void): void {
  const { streamBaseState, kReadBytesOrError } = nodeHandles('stream_wrap');
  pipe.onread = (bytes) => {
    const length = streamBaseState[kReadBytesOrError] ?? 0;
    if (length > 0) {
      take(Buffer.from(bytes, 0, length));
      return;
    }
    pipe.close();
    closed();
  };
  pipe.readStart();
}
