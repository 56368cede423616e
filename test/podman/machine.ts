import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PLAIN_ENVIRONMENT, type ExecResult, run } from '../../conformance/exec.ts';
import { createHost, type Host } from '../../conformance/host.ts';
import { EXECUTABLE } from '../executable.ts';

/** Where the machine's Podman looks for networks; in a private directory, so it is gone with the machine. */
export const NETWORK_DIRECTORY = '/run/flatnet-test/net.d';

/** The image every container is made from: busybox, serving a page that says "ok" on port 80. */
export const IMAGE = 'localhost/flatnet-test';

/** The machine's own containers.conf. */
export const CONTAINERS_CONF = '/run/flatnet-test/containers.conf';
/** The machine's own storage.conf. */
export const STORAGE_CONF = '/run/flatnet-test/storage.conf';
const ALLOCATIONS = '/var/lib/flatnet/ipam/allocations.json';

/** What Podman is run with: nothing but the machine's own configuration. */
export const ENVIRONMENT = {
  ...PLAIN_ENVIRONMENT,
  HOME: '/root',
  CONTAINERS_CONF,
  CONTAINERS_STORAGE_CONF: STORAGE_CONF,
  // Podman 5 would say on every call what becomes of them.
  PODMAN_IGNORE_CGROUPSV1_WARNING: '1',
};

/** Control groups in hybrid mode are more than crun takes; rlimits above the hard limit are more than a VM may grant. */
export const ENGINE_CONF = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
`;

const containersConf = (pluginDirectories: readonly string[]): string => `${ENGINE_CONF}[network]
network_backend = "cni"
cni_plugin_dirs = ${JSON.stringify(pluginDirectories)}
network_config_dir = "${NETWORK_DIRECTORY}"
`;

/** A storage of the machine's own. */
export const STORAGE = `[storage]
driver = "vfs"
graphroot = "/var/lib/containers/storage"
runroot = "/run/containers/storage"
`;

/** A network configuration list, as it lies in the network directory. */
export interface Conflist {
  readonly cniVersion: string;
  readonly name: string;
  readonly plugins: readonly Readonly<Record<string, unknown>>[];
  readonly [key: string]: unknown;
}

/** What `podman inspect` says of a container in one network. */
export interface Endpoint {
  readonly IPAddress: string;
  readonly IPPrefixLen: number;
  readonly Gateway: string;
  readonly MacAddress: string;
}

/** A throw-away machine with a Podman of its own: storage, networks, locks and plugin state vanish with it. */
export interface Machine extends AsyncDisposable {
  readonly host: Host;
  /** The networks that were added, in that order. */
  readonly networks: readonly Conflist[];
  /** Runs Podman to its end, whatever that is. */
  readonly podman: (...args: readonly string[]) => Promise<ExecResult>;
  /** Runs Podman, which has to succeed, and returns what it printed. */
  readonly succeed: (...args: readonly string[]) => Promise<string>;
  /** Makes a network known to Podman under its name. */
  addNetwork(conflist: Conflist): Promise<void>;
  /** Starts a container that serves a page, on the first network that was added unless the options say otherwise. */
  web(name: string, ...options: readonly string[]): Promise<void>;
  /** What Podman says of a running container's place in a network. */
  endpoint(container: string, network?: string): Promise<Endpoint>;
  /** Fetches the page a web container serves, from a container or, without one, from the host. */
  fetchPage(address: string, from?: string): Promise<string>;
  /** The addresses in use, as flatnet's state file has them: `network/address` → allocation. */
  allocations(): Promise<Readonly<Record<string, unknown>>>;
  /** Removes every pod and container. */
  clear(): Promise<void>;
  dispose(): Promise<void>;
}

/** Makes a throw-away machine whose Podman finds dist/flatnet, the reference plugins and these networks. */
export async function createMachine(...conflists: readonly Conflist[]): Promise<Machine> {
  const host = await createHost({ cgroups: true, tmpfs: ['/dev/shm', '/var/tmp'] });
  const machine = placeMachine(host);
  try {
    await mkdir(host.file(NETWORK_DIRECTORY), { recursive: true });
    await writeFile(host.file(CONTAINERS_CONF), containersConf([dirname(EXECUTABLE), '/usr/lib/cni']));
    await writeFile(host.file(STORAGE_CONF), STORAGE);
    await importImage(machine);
    for (const conflist of conflists) await machine.addNetwork(conflist);
    return machine;
  } catch (cause) {
    await machine.dispose();
    throw cause;
  }
}

/** A Podman in a host that has its configuration already. */
export function placeMachine(host: Host): Machine {
  const networks: Conflist[] = [];
  const podman = (...args: readonly string[]) =>
    host.exec(['podman', ...args], { env: ENVIRONMENT, timeoutMs: 120_000 });
  const succeed = async (...args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await podman(...args);
    if (exitCode !== 0) throw new Error(`Cannot run podman ${args.join(' ')}: ${stderr.trim()}`);
    return stdout.trim();
  };
  const clear = async (): Promise<void> => {
    await succeed('pod', 'rm', '--all', '--force', '--time=0');
    await succeed('rm', '--all', '--force', '--time=0');
  };
  const dispose = async (): Promise<void> => {
    // Containers have mount namespaces of their own, so the host's end alone would not end them.
    await clear().finally(() => host.dispose());
  };
  return {
    host,
    networks,
    podman,
    succeed,
    clear,
    dispose,
    [Symbol.asyncDispose]: dispose,
    async addNetwork(conflist) {
      await writeFile(
        host.file(join(NETWORK_DIRECTORY, `${conflist.name}.conflist`)),
        JSON.stringify(conflist),
      );
      networks.push(conflist);
    },
    async web(name, ...options) {
      const network = options.some((option) => /^--(network|pod)\b/.test(option))
        ? []
        : [`--network=${networks[0]?.name}`];
      // busybox ping needs a raw socket, which Podman does not grant by default.
      await succeed('run', '--detach', '--cap-add=NET_RAW', `--name=${name}`, ...network, ...options, IMAGE);
    },
    async endpoint(container, network = networks[0]?.name ?? '') {
      const text = await succeed('inspect', '--format={{json .NetworkSettings.Networks}}', container);
      const found = JSON.parse(text)[network];
      if (found === undefined) throw new Error(`Cannot find network "${network}" of "${container}": ${text}`);
      return found;
    },
    fetchPage(address, from) {
      // busybox's own wget -T ends in a segmentation fault.
      const words = ['busybox', 'timeout', '5', 'busybox', 'wget', '-q', '-O', '-', `http://${address}/`];
      return from === undefined
        ? host.run(words).then((page) => page.trim())
        : succeed('exec', from, ...words);
    },
    async allocations() {
      const text = await readFile(host.file(ALLOCATIONS), 'utf8').catch(whenAbsent);
      return text === undefined ? {} : JSON.parse(text).allocations;
    },
  };
}

/** Takes a file or directory that is not there for one that says nothing. */
export function whenAbsent(cause: NodeJS.ErrnoException): undefined {
  if (cause.code !== 'ENOENT') throw cause;
}

/** There is no registry to pull from: the image is a root file system of one static binary. */
export async function importImage(
  { host, succeed }: Pick<Machine, 'host' | 'succeed'>,
  image = IMAGE,
): Promise<void> {
  await mkdir(host.file(dirname(NETWORK_DIRECTORY)), { recursive: true });
  const root = await mkdtemp(host.file('/run/flatnet-test/image-'));
  try {
    for (const directory of ['bin', 'etc', 'tmp', 'www']) await mkdir(join(root, directory));
    await writeFile(join(root, 'www/index.html'), 'ok\n');
    await copyFile('/bin/busybox', join(root, 'bin/busybox'));
    const applets = (await run(['/bin/busybox', '--list'])).split('\n');
    await Promise.all(
      applets
        .filter((name) => name !== '' && name !== 'busybox')
        .map((name) => symlink('busybox', join(root, 'bin', name))),
    );
    const archive = '/run/flatnet-test/image.tar';
    await run(['tar', '-cf', host.file(archive), '-C', root, ...(await readdir(root))]);
    const command = 'CMD ["/bin/httpd","-f","-p","80","-h","/www"]';
    await succeed('import', '--quiet', `--change=${command}`, '--change=ENV PATH=/bin', archive, image);
  } finally {
    await rm(root, { recursive: true });
  }
}
