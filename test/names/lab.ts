import { createHost, type Host, type HostOptions, type Place, type Sandbox } from '../../conformance/host.ts';
import { expect } from 'vitest';
import { attach, type Call, invoke } from '../fixtures/plugin.ts';

/** A host with containers on a network whose names are served; answers are asked for by busybox, as a small image does. */
export interface Lab {
  readonly host: Host;
  /** Attaches a container, in a sandbox of that name. */
  readonly add: (name: string, options?: Options) => Promise<any>;
  /** Detaches it; the sandbox stays. */
  readonly remove: (name: string, conf?: object) => Promise<void>;
  readonly box: (name: string) => Sandbox;
  /** The addresses that the network's server has for a name, asked from a place. */
  readonly addressesOf: (name: string, from?: Place, type?: 'a' | 'aaaa') => Promise<readonly string[]>;
  /** Process ids of servers of names in this host. */
  readonly servers: () => Promise<readonly number[]>;
  /** Files of names but for what servers print. */
  readonly files: () => Promise<string>;
  readonly dispose: () => Promise<void>;
}

/** What differs from a container without aliases on the usual network. */
export interface Options {
  readonly aliases?: readonly string[];
  readonly portMappings?: readonly object[];
  readonly conf?: object;
}

/** The network of a lab. */
export const NETWORK = { names: {}, capabilities: { aliases: true, portMappings: true } };

/** An id as runtimes make them, which differs from others in its beginning. */
export function idOf(name: string): string {
  return Buffer.from(name.padEnd(32, '.')).toString('hex').slice(0, 64);
}

/** The call that attaches a container or detaches it, but for its namespace. */
export function callFor(name: string, { aliases = [], portMappings = [], conf = {} }: Options = {}): Call {
  return {
    containerID: idOf(name),
    args: `IgnoreUnknown=1;K8S_POD_NAME=${name}`,
    conf: { ...NETWORK, ...conf, runtimeConfig: { aliases: { flatnet: aliases }, portMappings } },
  };
}

export async function createLab(options: HostOptions = {}): Promise<Lab> {
  const host = await createHost(options);
  const boxes = new Map<string, Sandbox>();
  const box = (name: string): Sandbox => {
    const found = boxes.get(name);
    if (found === undefined) throw new Error(`there is no container "${name}"`);
    return found;
  };
  return {
    host,
    box,
    add: async (name, options = {}) => {
      const sandbox = boxes.get(name) ?? (await host.addSandbox(name));
      boxes.set(name, sandbox);
      return attach(host, sandbox, callFor(name, options));
    },
    remove: async (name, conf = {}) => {
      const netns = box(name).path;
      const { exitCode, stdout } = await invoke(host, 'DEL', { ...callFor(name, { conf }), netns });
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
    },
    addressesOf: async (name, from = host, type = 'a') => {
      const { stdout } = await from.exec(['busybox', 'nslookup', `-type=${type}`, name, '10.87.1.1']);
      const [, ...answers] = stdout.split(/^Name:/m);
      return answers.flatMap((answer) => /Address: (\S+)/.exec(answer)?.[1] ?? []).toSorted();
    },
    servers: async () => {
      const own = ['--ns', String(host.pid), '--nslist', 'mnt'];
      const { stdout } = await host.exec(['pgrep', '--full', '/run/flatnet-names/', ...own]);
      return stdout.trim().split('\n').filter(Boolean).map(Number);
    },
    files: async () => {
      const but = ['-not', '-name', '*.out'];
      return (await host.exec(['find', '/run/flatnet-names', '-type', 'f', ...but])).stdout;
    },
    dispose: () => host.dispose(),
  };
}
