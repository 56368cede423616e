import { cp, mkdir } from 'node:fs/promises';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { requireSuccess, start, type ExecOptions, type ExecResult, type RunningCommand } from './exec.ts';
import { HOLDER } from './holder.ts';
import { OVERLAY } from './overlay.ts';
import { coverConfiguration } from './private-etc.ts';
import { takeSnapshot, type Snapshot } from './snapshot.ts';

/** Directories of a throw-away host that start empty and vanish with it; a plugin keeps its state in one of them. */
export const PRIVATE_DIRECTORIES = ['/run', '/var/lib', '/var/log'] as const;

/** A host has a copy of it, without the configuration of plugins and runtimes. */
export const CONFIGURATION = '/etc';

/** Runs commands in a namespace of the throw-away host; the working directory is `/`. */
export interface Place {
  /**
   * Runs a command to its end; never throws for a failed command. Without `env` the command gets a system PATH and
   * LC_ALL=C, never the caller's environment.
   */
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Starts a command, to be killed or awaited later. */
  start(argv: readonly string[], options?: ExecOptions): RunningCommand;
  /** Runs a command and returns its stdout; throws an Error with command, exit code and stderr if it fails. */
  run(argv: readonly string[], options?: ExecOptions): Promise<string>;
  /** Everything in this namespace that a plugin can create. */
  snapshot(): Promise<Snapshot>;
}

/** A network namespace of the host in place of a container's. Its `lo` is down, as runtimes create it. */
export interface Sandbox extends Place {
  readonly name: string;
  /** Value for CNI_NETNS, valid only inside the host. */
  readonly path: string;
  /** Unmounts the namespace, as a runtime does; `path` is gone afterwards. */
  remove(): Promise<void>;
}

/**
 * A throw-away machine: private network and mounts, empty /run, /var/lib and /var/log, an /etc without network and
 * container configuration, a /sys with its own links.
 */
export interface Host extends Place, AsyncDisposable {
  /** The process that holds the namespaces open. */
  readonly pid: number;
  addSandbox(name?: string): Promise<Sandbox>;
  /** The path at which this process reaches a file of the host, private directories included. */
  file(path: string): string;
  /** Makes a hidden file or directory of the machine visible at the same path; the host's own files stay. */
  expose(path: string): Promise<void>;
  /** Ends every process of the host, and with them its namespaces. */
  dispose(): Promise<void>;
}

export interface HostOptions {
  /** Further directories to cover with an empty tmpfs; they must exist on the machine. */
  readonly tmpfs?: readonly string[];
  /** Existing directories that stay readable and take writes privately; mounts below them stay visible. */
  readonly overlays?: readonly string[];
  /** Keep /sys/fs/cgroup, which a fresh /sys hides; container runtimes need it. */
  readonly cgroups?: boolean;
}

/**
 * Makes a throw-away host. Needs root and changes nothing on the machine. The host ends with all its processes when it
 * is disposed of or this process ends, even if killed: see {@link HOLDER}.
 */
export async function createHost(options: HostOptions = {}): Promise<Host> {
  if (process.getuid?.() !== 0)
    throw new Error('Cannot make a throw-away host: namespaces need root, run this as root');
  const unshare = ['--net', '--mount', '--propagation', 'private', '--'];
  const holder = spawn('unshare', [...unshare, 'sh', '-c', HOLDER], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // In a separate session, so that ^C on the terminal leaves it running to clean up.
    detached: true,
  });
  const pid = await untilHolding(holder);
  const hidden = [...PRIVATE_DIRECTORIES, CONFIGURATION, ...(options.tmpfs ?? [])];
  const host = placeHost({ pid, holder, hidden });
  try {
    await furnish(host, options);
    return host;
  } catch (cause) {
    await host.dispose();
    throw cause;
  }
}

/** Waits for the holder's first output, which follows the creation of the namespaces by `unshare`. */
async function untilHolding(holder: ChildProcess): Promise<number> {
  const { pid, stdin, stdout } = holder;
  if (pid === undefined || stdin === null || stdout === null) {
    const [cause] = await once(holder, 'error');
    throw new Error('Cannot make a throw-away host: "unshare" does not start; install util-linux', { cause });
  }
  const [answer] = await Promise.race([once(stdout, 'data'), once(holder, 'exit')]);
  if (!(answer instanceof Buffer)) {
    throw new Error(
      'Cannot make a throw-away host: "unshare --net --mount" was refused, see its message above',
    );
  }
  return pid;
}

async function furnish(
  host: Host,
  { tmpfs = [], overlays = [], cgroups = false }: HostOptions,
): Promise<void> {
  await coverConfiguration(host);
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
  // Deeper ones first: each is then a mount below the other, which carries it into its copy.
  for (const directory of overlays.toSorted((a, b) => b.length - a.length)) await overlay(host, directory);
  await host.run(['ip', 'link', 'set', 'dev', 'lo', 'up']);
}

async function overlay(host: Host, directory: string): Promise<void> {
  const { exitCode, stderr } = await host.exec(['sh', '-c', OVERLAY, 'overlay', directory]);
  if (exitCode === 0) return;
  throw new Error(
    `Cannot make a throw-away host: no private copy can be laid over "${directory}": ${stderr.trim()}; ` +
      `use a path in ${PRIVATE_DIRECTORIES.join(', ')} instead`,
  );
}

interface HostParts {
  readonly pid: number;
  readonly holder: ChildProcess;
  /** Directories that do not show the machine's content. */
  readonly hidden: readonly string[];
}

function placeHost({ pid, holder, hidden }: HostParts): Host {
  const running = new Set<RunningCommand>();
  const place = makePlace(['--target', String(pid), '--net', '--mount'], running);
  let sandboxes = 0;
  const file = (path: string): string => `/proc/${pid}/root${path}`;
  const dispose = async (): Promise<void> => {
    if (holder.exitCode !== null || holder.signalCode !== null) return;
    const ended = once(holder, 'exit');
    // A command that has just started may not have entered the namespaces yet.
    for (const command of running) command.kill('SIGKILL');
    holder.stdin?.end();
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
      if (!hidden.some((directory) => path.startsWith(`${directory}/`))) return;
      await mkdir(dirname(file(path)), { recursive: true });
      await cp(path, file(path), { recursive: true, force: false });
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
