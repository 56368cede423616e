import { execa } from 'execa';
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';

/** Default environment of a command: system directories, untranslated messages. */
export const PLAIN_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
};

export interface ExecOptions {
  /** Standard input; empty if absent. */
  readonly input?: string;
  /** The whole environment: the caller's is not inherited. */
  readonly env?: Readonly<Record<string, string>>;
  /** Kills the command and its children after this time; 30 seconds if absent. */
  readonly timeoutMs?: number;
}

export interface ExecResult {
  /** `null` if a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The time ran out, so there is no exit code. */
  readonly timedOut: boolean;
  /** The command ended, but a child kept its stdout or stderr open until the time ran out. */
  readonly heldOpen: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** Wall time from start to end. */
  readonly ms: number;
}

export interface RunningCommand {
  readonly pid: number;
  readonly result: Promise<ExecResult>;
  /** The first output on stdout; empty if it ends without any. */
  readonly firstOutput: Promise<string>;
  /** Signals the command and its children in the same process group. */
  kill(signal: NodeJS.Signals): void;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** How long output may stay open after the command ended. A runtime would wait for ever. */
const HELD_OPEN_MS = 5000;

/**
 * Starts a command without a shell, in a new process group.
 * @throws {Error} if the executable cannot be started.
 */
export function start(argv: readonly string[], options: ExecOptions = {}): RunningCommand {
  const [file = '', ...args] = argv;
  const { input = '', env = PLAIN_ENVIRONMENT, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const child = execa(file, args, {
    input,
    env,
    extendEnv: false,
    detached: true,
    reject: false,
    stripFinalNewline: false,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`Cannot start "${file}": it is not an executable of this machine`);
  const { stdout, stderr, nodeChildProcess } = child;
  const limit = limitTime({ stdout, stderr, nodeChildProcess }, pid, timeoutMs);
  const result = child.then((ended): ExecResult => {
    const { timedOut, heldOpen } = limit.end();
    return {
      exitCode: timedOut ? null : (ended.exitCode ?? null),
      signal: ended.signal ?? null,
      timedOut,
      heldOpen,
      stdout: ended.stdout,
      stderr: ended.stderr,
      ms: ended.durationMs,
    };
  });
  const firstOutput = new Promise<string>((resolve) => {
    stdout.once('data', (chunk) => {
      resolve(String(chunk));
    });
    stdout.once('close', () => {
      resolve('');
    });
  });
  return {
    pid,
    result,
    firstOutput,
    kill(signal) {
      killGroup(pid, signal);
    },
  };
}

type Limited = Pick<ExecResult, 'timedOut' | 'heldOpen'>;

/**
 * Kills a command that takes too long, with its process group, and closes its output: a process that left the group may
 * hold the other end for ever.
 */
function limitTime(child: Output, pid: number, timeoutMs: number): { end(): Limited } {
  let limited: Limited = { timedOut: false, heldOpen: false };
  const stop = (heldOpen: boolean): void => {
    limited = { timedOut: true, heldOpen };
    killGroup(pid, 'SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const timers = [setTimeout(stop, timeoutMs, false)];
  child.nodeChildProcess.once('exit', () => timers.push(setTimeout(stop, HELD_OPEN_MS, true)));
  return {
    end() {
      for (const timer of timers) clearTimeout(timer);
      return limited;
    },
  };
}

interface Output {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly nodeChildProcess: ChildProcess;
}

/**
 * The stdout of a command that has to succeed.
 * @throws {Error} naming the command, its end and its output, if it failed.
 */
export function requireSuccess(argv: readonly string[], ended: ExecResult): string {
  if (ended.exitCode === 0) return ended.stdout;
  throw new Error(`Command failed with ${howItEnded(ended)}: ${argv.join(' ')}\n${ended.stderr.trim()}`);
}

/** Runs a command that has to succeed; see {@link start} and {@link requireSuccess}. */
export async function run(argv: readonly string[], options?: ExecOptions): Promise<string> {
  return requireSuccess(argv, await start(argv, options).result);
}

export type Ending = Pick<ExecResult, 'exitCode' | 'signal' | 'timedOut' | 'heldOpen' | 'ms'>;

/** `exit code 1`, `signal SIGKILL`, `SIGKILL after 30000 ms`. */
export function howItEnded({ exitCode, signal, timedOut, heldOpen, ms }: Ending): string {
  if (heldOpen) return 'no end of its output: it left a process that holds stdout open';
  if (timedOut) return `no answer after ${Math.round(ms)} ms`;
  return exitCode === null ? `signal ${signal ?? 'unknown'}` : `exit code ${exitCode}`;
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH')) throw cause;
  }
}
