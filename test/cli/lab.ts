import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ExecResult } from '../../conformance/exec.ts';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';

/** A container as far as CNI goes: a namespace, and the id and name a runtime would give it. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly sandbox: Sandbox;
}

/** A throw-away machine with an /opt and /usr/local of its own, on which flatnet is installed and broken. */
export interface Lab extends AsyncDisposable {
  readonly host: Host;
  /** Runs the built executable as a person would, without Podman unless `podman` was asked for. */
  flatnet(...args: readonly string[]): Promise<ExecResult>;
  /** Runs it and parses what it printed with --json. */
  json<T>(...args: readonly string[]): Promise<T>;
  /** Attaches a container to a network through the installed plugin. */
  attach(name: string, network?: string): Promise<Container>;
  /** Runs a command that has to succeed. */
  run(...argv: readonly string[]): Promise<string>;
  write(path: string, text: string, mode?: number): Promise<void>;
  read(path: string): Promise<string>;
}

export const CONFLIST = '/etc/cni/net.d/flatnet.conflist';
export const STATE = '/var/lib/flatnet/ipam/allocations.json';
export const PLUGIN = '/opt/cni/bin/flatnet';

/** How a lab differs from the plain one. */
export interface LabOptions {
  /** Keep the machine's Podman; by default there is none. */
  readonly podman?: boolean;
  /** Whether there is sudo, whatever the machine has; by default there is. */
  readonly sudo?: boolean;
  /** Environment of every `flatnet`. */
  readonly env?: Readonly<Record<string, string>>;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Everything in a lab is root already. */
const SUDO = '#!/bin/sh\nexec "$@"';

async function hideDirectory(host: Host, path: string): Promise<void> {
  const hidden = `/run/lab${path}`;
  await host.run(['mkdir', '-p', path, hidden]);
  await host.run(['mount', '--bind', hidden, path]);
}

async function furnish(host: Host, { podman, sudo }: LabOptions): Promise<void> {
  for (const path of ['/opt', '/usr/local']) await hideDirectory(host, path);
  await host.run(['mkdir', '-p', '/usr/local/bin']);
  if (sudo ?? true) {
    await host.run(['sh', '-c', 'echo "$0" >/usr/local/bin/sudo; chmod 755 /usr/local/bin/sudo', SUDO]);
  } else if (existsSync('/usr/bin/sudo')) await host.run(['mount', '--bind', '/dev/null', '/usr/bin/sudo']);
  if (podman !== true) await host.run(['mount', '--bind', '/dev/null', '/usr/bin/podman']);
}

/** Makes a lab; needs root. */
export async function createLab(options: LabOptions = {}): Promise<Lab> {
  await ensureExecutable();
  const host = await createHost({ cgroups: options.podman === true });
  try {
    await furnish(host, options);
    return placeLab(host, options);
  } catch (error) {
    await host.dispose();
    throw error;
  }
}

function placeLab(host: Host, options: LabOptions): Lab {
  const env = { PATH, LC_ALL: 'C', HOME: '/root', ...options.env };
  const containers: Container[] = [];
  const flatnet = (...args: readonly string[]) =>
    host.exec([EXECUTABLE, ...args], { env, timeoutMs: 60_000 });
  return {
    host,
    flatnet,
    async json<T>(...args: readonly string[]) {
      const { stdout, stderr } = await flatnet(...args, '--json');
      try {
        return JSON.parse(stdout) as T;
      } catch {
        throw new Error(`flatnet ${args.join(' ')} printed no JSON: ${stdout}${stderr}`);
      }
    },
    async attach(name, network = 'flatnet') {
      const id = containers.length.toString(16).padStart(64, 'c0ffee');
      const container = { id, name, sandbox: await host.addSandbox() };
      containers.push(container);
      await callPlugin(host, { verb: 'ADD', network, container });
      return container;
    },
    run: (...argv) => host.run(argv),
    async write(path, text, mode = 0o644) {
      await mkdir(dirname(host.file(path)), { recursive: true });
      await writeFile(host.file(path), text, { mode });
    },
    read: (path) => readFile(host.file(path), 'utf8'),
    [Symbol.asyncDispose]: () => host.dispose(),
  };
}

interface PluginCall {
  readonly verb: 'ADD' | 'DEL';
  readonly network: string;
  readonly container: Container;
}

/** Calls the plugin as libcni does with the network's own file. */
export async function callPlugin(host: Host, { verb, network, container }: PluginCall): Promise<string> {
  const list = JSON.parse(await readFile(host.file(`/etc/cni/net.d/${network}.conflist`), 'utf8'));
  const input = JSON.stringify({ ...list.plugins[0], name: list.name, cniVersion: list.cniVersion });
  return host.run([PLUGIN], {
    input,
    env: {
      PATH,
      CNI_COMMAND: verb,
      CNI_CONTAINERID: container.id,
      CNI_IFNAME: 'eth0',
      CNI_NETNS: container.sandbox.path,
      CNI_PATH: '/opt/cni/bin',
      CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAME=${container.name}`,
    },
  });
}
