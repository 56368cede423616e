import { globSync } from 'node:fs';
import { copyFile, mkdir, readFile, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PLAIN_ENVIRONMENT, type ExecResult } from '../../conformance/exec.ts';
import { createHost, type Host } from '../../conformance/host.ts';
import { EXECUTABLE } from '../executable.ts';

const SOCKET = '/run/containerd.sock';
const ROOTFS = '/var/lib/rootfs';
/** Where `ctr --cni` looks; neither can be told otherwise. */
const NETWORK = '/etc/cni/net.d/10-flatnet.conflist';
const PLUGIN = '/opt/cni/bin/flatnet';

/** A throw-away host in which a containerd runs, with dist/flatnet as its network. */
export interface ContainerdHost extends AsyncDisposable {
  readonly host: Host;
  /** Runs ctr to its end, whatever that is. */
  ctr(...argv: readonly string[]): Promise<ExecResult>;
  /** `ctr run --cni` of a busybox; options come before the name. */
  run(name: string, command: readonly string[], ...options: readonly string[]): Promise<ExecResult>;
  /** Ends a container as a user does, without a word to the plugin: this ctr sends DEL for `run --rm` only. */
  remove(name: string): Promise<void>;
  /** The addresses in use: `network/address`. */
  allocated(): Promise<string[]>;
  dispose(): Promise<void>;
}

/** Starts containerd on a socket of its own; its networks are the given configuration. */
export async function createContainerd(conflist: object): Promise<ContainerdHost> {
  const host = await createHost({ cgroups: true });
  try {
    await cover(host, '/opt');
    for (const directory of ['/etc/cni/net.d', '/opt/cni/bin', `${ROOTFS}/bin`]) {
      await mkdir(host.file(directory), { recursive: true });
    }
    await symlink(EXECUTABLE, host.file(PLUGIN));
    await writeFile(host.file(NETWORK), JSON.stringify(conflist));
    await copyFile('/bin/busybox', host.file(`${ROOTFS}/bin/busybox`));
    await host.run(['chroot', ROOTFS, '/bin/busybox', '--install', '/bin']);
    await copyFile(join(import.meta.dirname, 'containerd.toml'), host.file('/run/containerd.toml'));
    host.start(['containerd', '--config', '/run/containerd.toml'], { timeoutMs: 600_000 });
    await untilAnswering(host);
    return placeContainerd(host);
  } catch (cause) {
    await host.dispose();
    throw cause;
  }
}

/** Makes a directory writable for the host alone: what is there stays readable. */
async function cover(host: Host, directory: string): Promise<void> {
  const [upper, work] = ['upper', 'work'].map((part) => `/run/overlay${directory}/${part}`);
  for (const part of [upper!, work!]) await mkdir(host.file(part), { recursive: true });
  const layers = `lowerdir=${directory},upperdir=${upper!},workdir=${work!}`;
  await host.run(['mount', '-t', 'overlay', 'overlay', '-o', layers, directory]);
}

async function untilAnswering(host: Host): Promise<void> {
  const end = performance.now() + 30_000;
  for (;;) {
    const { exitCode, stderr } = await host.exec(['ctr', '--address', SOCKET, 'version']);
    if (exitCode === 0) return;
    if (performance.now() > end) throw new Error(`Cannot start containerd: ${stderr.trim()}`);
  }
}

/** A process that was killed is in its group until the kernel is done with it. */
async function removeEmptied(group: string): Promise<void> {
  const end = performance.now() + 30_000;
  for (;;) {
    try {
      await rmdir(group);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || performance.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** runc makes a group for the namespace in every hierarchy, and leaves it when the last container goes. */
async function removeControlGroups(namespace: string): Promise<void> {
  const entries = globSync(`/sys/fs/cgroup/{,*/}${namespace}{,/*}`, { withFileTypes: true });
  const groups = entries
    .filter((entry) => entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name));
  for (const group of groups.sort().reverse()) await removeEmptied(group);
}

function placeContainerd(host: Host): ContainerdHost {
  // The control groups carry this name too, and they are the machine's own.
  const namespace = `flatnet-test-${host.pid}`;
  const ctr = (...argv: readonly string[]) =>
    host.exec(['ctr', '--address', SOCKET, ...argv], {
      env: { ...PLAIN_ENVIRONMENT, CONTAINERD_NAMESPACE: namespace },
      timeoutMs: 60_000,
    });
  const dispose = async (): Promise<void> => {
    await host.dispose();
    await removeControlGroups(namespace);
  };
  return {
    host,
    ctr,
    dispose,
    [Symbol.asyncDispose]: dispose,
    run: (name, command, ...options) => ctr('run', '--cni', '--rootfs', ...options, ROOTFS, name, ...command),
    async remove(name) {
      await ctr('task', 'kill', '--signal', 'KILL', name);
      await ctr('task', 'delete', name);
      await ctr('container', 'delete', name);
    },
    async allocated() {
      const text = await readFile(host.file('/var/lib/flatnet/ipam/allocations.json'), 'utf8');
      return Object.keys((JSON.parse(text) as { allocations: object }).allocations);
    },
  };
}
