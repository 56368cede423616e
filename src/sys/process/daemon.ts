import { closeSync, openSync, statSync } from 'node:fs';
import { monotonicMs, until } from '../clock.ts';
import { hasCode } from '../files/state-file.ts';
import { basename } from 'node:path';
import { readTextFile } from '../files/files.ts';
import { argvOf, isAlive, processIds } from '../proc.ts';
import { CLEAN_ENV } from './run.ts';
import { isExecutableFile } from './tool.ts';

/** A program that goes into the background by itself and notes its process id in a file. */
export interface Daemon {
  /** For the unit of systemd. */
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly pidFile: string;
  /** An argument that this daemon has and no other process. */
  readonly mark: string;
  /** A file for what it prints. */
  readonly output: string;
  /** How long it may take to go into the background, in milliseconds; 2,000 unless given. */
  readonly startMs?: number;
}

/** A daemon could not be started. */
export class DaemonError extends Error {
  constructor(path: string, reason: string) {
    super(`Cannot start "${path}": ${reason}`);
    this.name = 'DaemonError';
  }
}

/** Whether a process is in our network namespace. */
export function isOwnNetns(pid: number): boolean {
  try {
    return statSync(`/proc/${pid}/ns/net`).ino === statSync('/proc/self/ns/net').ino;
  } catch {
    return false;
  }
}

/** A daemon that runs. */
export interface RunningDaemon {
  readonly pid: number;
  /** False for one that runs in the network namespace of somebody else, and so serves nobody here. */
  readonly isHere: boolean;
  /** False where the file of its program was replaced since it started, as by an upgrade. */
  readonly isCurrent: boolean;
}

/** The process that a file names, if there is one of that number; it may be another program's by now. */
export function processIn(pidFile: string): number | undefined {
  const pid = Number(readTextFile(pidFile)?.trim());
  return Number.isInteger(pid) && pid > 1 && isAlive(pid) ? pid : undefined;
}

/** The process that the file names, if it is this daemon: the number may be another process's by now. */
export function runningDaemon(daemon: Pick<Daemon, 'pidFile' | 'path' | 'mark'>): RunningDaemon | undefined {
  const pid = processIn(daemon.pidFile);
  if (pid === undefined || !isMarked(pid, daemon)) return undefined;
  return { pid, isHere: isOwnNetns(pid), isCurrent: isProgramOf(pid, daemon.path) };
}

/**
 * Processes of this daemon in our network namespace, whatever its file says: it may be lost while the process runs. Reads all of
 * /proc.
 */
export function strayDaemons(daemon: Pick<Daemon, 'path' | 'mark'>): readonly RunningDaemon[] {
  return processIds()
    .filter((pid) => isMarked(pid, daemon) && isOwnNetns(pid) && isAlive(pid))
    .map((pid) => ({ pid, isHere: true, isCurrent: isProgramOf(pid, daemon.path) }));
}

/** Others than the daemon may name its directory: somebody who looks into it. */
function isMarked(pid: number, { path, mark }: Pick<Daemon, 'path' | 'mark'>): boolean {
  const [program = '', ...args] = argvOf(pid);
  return basename(program) === basename(path) && args.includes(mark);
}

function isProgramOf(pid: number, path: string): boolean {
  try {
    const [running, there] = [statSync(`/proc/${pid}/exe`), statSync(path)];
    return running.dev === there.dev && running.ino === there.ino;
  } catch {
    return false;
  }
}

/** False if it has ended already. */
export function signalDaemon({ pid }: RunningDaemon, signal: 'SIGHUP' | 'SIGTERM' | 'SIGKILL'): boolean {
  return signalProcess(pid, signal);
}

/** False if it has ended already. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    throw error;
  }
}

/** Ends a daemon and waits for its end; by force if it takes long. */
export async function endDaemon(daemon: RunningDaemon): Promise<void> {
  const isOver = () => Promise.resolve(isAlive(daemon.pid) ? undefined : true);
  signalDaemon(daemon, 'SIGTERM');
  if ((await until(isOver, { timeoutMs: END_MS, everyMs: 2 })) === true) return;
  signalDaemon(daemon, 'SIGKILL');
  await until(isOver, { timeoutMs: END_MS, everyMs: 2 });
}

/** systemd(1): this directory exists where systemd is the system's first process. */
const SYSTEMD = '/run/systemd/system';
const SYSTEMD_RUN = '/usr/bin/systemd-run';
const START_MS = 2_000;
const END_MS = 500;

/** systemd starts services in its own network namespace. */
function hasSystemd(): boolean {
  const isThere = statSync(SYSTEMD, { throwIfNoEntry: false })?.isDirectory() === true;
  return isThere && isExecutableFile(SYSTEMD_RUN) && isOwnNetns(1);
}

type Started = Pick<Daemon, 'path' | 'args' | 'startMs'>;

/** Waits until the program has gone into the background; `undefined` if it has not in time. */
function exitCodeOf({ path, args, startMs = START_MS }: Started, fd: number): Promise<number | undefined> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, {
      cwd: '/',
      env: CLEAN_ENV,
      // A session of its own. A pipe would be closed with this process, and end a daemon that writes to it.
      detached: true,
      stdio: ['ignore', fd, fd],
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      resolve(undefined);
    }, startMs);
    child
      .once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      })
      .once('exit', (code) => {
        clearTimeout(timer);
        resolve(code ?? -1);
      });
  });
}

/**
 * Starts a daemon in a session of its own, and with systemd as a service of its own: in the caller's control group it would end
 * with the container that happened to start it.
 * @throws DaemonError with the last line that it printed.
 */
export async function startDaemon(daemon: Omit<Daemon, 'mark'>): Promise<void> {
  const { name, path, args, pidFile, output } = daemon;
  const service = [
    '--quiet',
    '--collect',
    // systemd may not have noticed yet that a former one ended.
    `--unit=${name}-${process.pid}-${monotonicMs().toFixed(0)}.service`,
    '--property=Type=forking',
    `--property=PIDFile=${pidFile}`,
    '--',
    path,
    ...args,
  ];
  const fd = openSync(output, 'w', 0o600);
  try {
    const started = hasSystemd() ? { ...daemon, path: SYSTEMD_RUN, args: service } : daemon;
    const code = await exitCodeOf(started, fd);
    if (code === 0) return;
    const said = readTextFile(output)?.trim().split('\n').at(-1);
    const how =
      code === undefined ? 'it did not go into the background in time' : `it failed with exit code ${code}`;
    throw new DaemonError(path, said === undefined || said === '' ? how : `${how}: ${said}`);
  } catch (error) {
    if (error instanceof DaemonError) throw error;
    throw new DaemonError(path, error instanceof Error ? error.message : String(error));
  } finally {
    closeSync(fd);
  }
}
