import { copyFile, mkdir, readdir, readFile, readlink } from 'node:fs/promises';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { requireSuccess, start, type ExecOptions, type ExecResult, type RunningCommand } from './exec.ts';
import { takeSnapshot, type Snapshot } from './snapshot.ts';

/** Directories of a throw-away host that start empty and vanish with it; a plugin keeps its state in one of them. */
export const PRIVATE_DIRECTORIES = ['/run', '/var/lib', '/var/log'] as const;

/** What can be run in a namespace of the throw-away host; the working directory is `/`. */
export interface Place {
  /**
   * Runs a command to its end; never throws because of how the command ended.
   * Without `env` the command gets a system PATH and LC_ALL=C, never the caller's environment.
   */
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Starts a command, to be killed or awaited later. */
  start(argv: readonly string[], options?: ExecOptions): RunningCommand;
  /** Runs a command that has to succeed and returns its stdout; throws an Error with command, exit code and stderr. */
  run(argv: readonly string[], options?: ExecOptions): Promise<string>;
  /** What a plugin may have left in this namespace. */
  snapshot(): Promise<Snapshot>;
}

/** A network namespace inside the host, standing in for a container. Its `lo` is down, as runtimes hand it over. */
export interface Sandbox extends Place {
  readonly name: string;
  /** What a runtime passes as CNI_NETNS: valid inside the host only. */
  readonly path: string;
  /** Unmounts the namespace, as a runtime does; `path` is gone afterwards. */
  remove(): Promise<void>;
}

/** A throw-away machine: own network, own mounts, empty /run, /var/lib and /var/log, a /sys that shows its own links. */
export interface Host extends Place, AsyncDisposable {
  /** The process that holds the namespaces open. */
  readonly pid: number;
  addSandbox(name?: string): Promise<Sandbox>;
  /** The path by which this process reaches a file of the host, private directories included. */
  file(path: string): string;
  /** Makes a file that lies in a directory the host hides visible there, at the same path. */
  expose(path: string): Promise<void>;
  /** Ends every process of the host, and with them its namespaces. */
  dispose(): Promise<void>;
}

/** How a host differs from the plain one. */
export interface HostOptions {
  /** Further directories to cover with an empty tmpfs; they must exist on the machine. */
  readonly tmpfs?: readonly string[];
  /** Keep /sys/fs/cgroup, which a fresh /sys hides; container runtimes need it. */
  readonly cgroups?: boolean;
}

/**
 * Makes a throw-away host. It needs root, touches nothing of the machine, and goes away when it is disposed of or when
 * this process ends, however it ends: the holder lives only as long as its standard input is open.
 */
export async function createHost(options: HostOptions = {}): Promise<Host> {
  if (process.getuid?.() !== 0)
    throw new Error('Cannot make a throw-away host: namespaces need root, run this as root');
  const holder = spawn('unshare', ['--net', '--mount', '--propagation', 'private', '--', 'cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const pid = await untilHolding(holder);
  const host = placeHost(pid, holder);
  try {
    await furnish(host, options);
    return host;
  } catch (cause) {
    await host.dispose();
    throw cause;
  }
}

/** `cat` answers once it runs, that is once `unshare` has made the namespaces. */
async function untilHolding(holder: ChildProcess): Promise<number> {
  const { pid, stdin, stdout } = holder;
  if (pid === undefined || stdin === null || stdout === null) {
    const [cause] = await once(holder, 'error');
    throw new Error('Cannot make a throw-away host: "unshare" does not start; install util-linux', { cause });
  }
  stdin.write('\n');
  const [answer] = await Promise.race([once(stdout, 'data'), once(holder, 'exit')]);
  if (!(answer instanceof Buffer)) {
    throw new Error(
      'Cannot make a throw-away host: "unshare --net --mount" was refused, see its message above',
    );
  }
  return pid;
}

async function furnish(host: Host, { tmpfs = [], cgroups = false }: HostOptions): Promise<void> {
  for (const directory of [...PRIVATE_DIRECTORIES, ...tmpfs]) {
    await host.run(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', directory]);
  }
  await mkdir(host.file('/run/netns'));
  if (cgroups) {
    await mkdir(host.file('/run/cgroup'));
    await host.run(['mount', '--rbind', '/sys/fs/cgroup', '/run/cgroup']);
  }
  await host.run(['mount', '-t', 'sysfs', 'sysfs', '/sys']);
  if (cgroups) await host.run(['mount', '--rbind', '/run/cgroup', '/sys/fs/cgroup']);
  await host.run(['ip', 'link', 'set', 'dev', 'lo', 'up']);
}

function placeHost(pid: number, holder: ChildProcess): Host {
  const running = new Set<RunningCommand>();
  const place = makePlace(['--target', String(pid), '--net', '--mount'], running);
  let sandboxes = 0;
  const file = (path: string): string => `/proc/${pid}/root${path}`;
  const dispose = async (): Promise<void> => {
    if (holder.exitCode !== null || holder.signalCode !== null) return;
    const ended = once(holder, 'exit');
    // One that has just been started may not have entered the namespaces yet.
    for (const command of running) command.kill('SIGKILL');
    await killAllIn(await readlink(`/proc/${pid}/ns/mnt`));
    await ended;
  };
  return {
    ...place,
    pid,
    file,
    dispose,
    [Symbol.asyncDispose]: dispose,
    async addSandbox(name) {
      sandboxes += 1;
      const chosen = name ?? `sandbox${sandboxes}`;
      await place.run(['ip', 'netns', 'add', chosen]);
      return placeSandbox(place, { pid, name: chosen, running });
    },
    async expose(path) {
      if (!PRIVATE_DIRECTORIES.some((directory) => path.startsWith(`${directory}/`))) return;
      await mkdir(dirname(file(path)), { recursive: true });
      await copyFile(path, file(path));
    },
  };
}

interface SandboxParts {
  readonly pid: number;
  readonly name: string;
  readonly running: Set<RunningCommand>;
}

function placeSandbox(host: Place, { pid, name, running }: SandboxParts): Sandbox {
  const path = `/run/netns/${name}`;
  return {
    ...makePlace([`--mount=/proc/${pid}/ns/mnt`, `--net=/proc/${pid}/root${path}`], running),
    name,
    path,
    async remove() {
      await host.run(['ip', 'netns', 'delete', name]);
    },
  };
}

function makePlace(entry: readonly string[], running: Set<RunningCommand>): Place {
  const launch = (argv: readonly string[], options?: ExecOptions): RunningCommand => {
    const command = start(['/usr/bin/nsenter', ...entry, '--', ...argv], options);
    running.add(command);
    void command.result.finally(() => running.delete(command));
    return command;
  };
  const exec = (argv: readonly string[], options?: ExecOptions): Promise<ExecResult> =>
    launch(argv, options).result;
  return {
    exec,
    start: launch,
    run: async (argv, options) => requireSuccess(argv, await exec(argv, options)),
    snapshot: () => takeSnapshot(exec),
  };
}

interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly mountNamespace: string;
}

/**
 * Ends the processes whose mount namespace this is, which only the host's own commands can be in, and what descends
 * from them: the containers of a runtime have namespaces of their own.
 */
async function killAllIn(mountNamespace: string): Promise<void> {
  const processes = await listProcesses();
  let doomed = processes.filter((process) => process.mountNamespace === mountNamespace);
  const pids = new Set<number>();
  while (doomed.length > 0) {
    for (const { pid } of doomed) pids.add(pid);
    doomed = processes.filter(({ pid, parent }) => pids.has(parent) && !pids.has(pid));
  }
  for (const pid of pids) kill(pid);
}

async function listProcesses(): Promise<ProcessInfo[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(pids.map(describeProcess));
  return found.filter((process) => process !== undefined);
}

async function describeProcess(pid: string): Promise<ProcessInfo | undefined> {
  const [mountNamespace, stat] = await Promise.all([
    readlink(`/proc/${pid}/ns/mnt`).catch(whenGone),
    readFile(`/proc/${pid}/stat`, 'utf8').catch(whenGone),
  ]);
  if (mountNamespace === undefined || stat === undefined) return undefined;
  // The command's name, in parentheses, may hold anything; state and parent follow it.
  const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  return { pid: Number(pid), parent, mountNamespace };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (cause) {
    whenGone(cause);
  }
}

/** A process that ended while it was looked at is what was wanted; anything else is not. */
function whenGone(cause: unknown): undefined {
  if (cause instanceof Error && 'code' in cause && ['ENOENT', 'ESRCH', 'EACCES'].includes(String(cause.code)))
    return;
  throw cause;
}
