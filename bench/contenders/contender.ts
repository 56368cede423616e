import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { PLAIN_ENVIRONMENT } from '../../conformance/exec.ts';
import type { Timed } from '../stopwatch.ts';

/** One attachment to make: in which sandbox, under which id, and the host port to map where ports are mapped. */
export interface Slot {
  readonly number: number;
  readonly sandbox: Sandbox;
  readonly containerID: string;
}

/** A network plugin, or a chain of them, with a configuration and a throw-away host of its own. */
export interface Contender extends AsyncDisposable {
  readonly name: string;
  readonly host: Host;
  /** The commands that attach; their figures are added up. */
  readonly add: (slot: Slot) => readonly Timed[];
  /** The commands that detach; `added` is what the last command of `add` printed. */
  readonly del: (slot: Slot, added: string) => readonly Timed[];
}

/** What a contender is besides the host it gets. */
export type Plan = Pick<Contender, 'name' | 'add' | 'del'>;

/**
 * Gives a contender a host, with one network interface that carries the default route, as a machine has.
 *
 * @param enter gives the host another root, where the contender is not of this machine.
 */
export async function withHost(plan: Plan, enter?: (host: Host) => Promise<void>): Promise<Contender> {
  const host = await createHost();
  try {
    await enter?.(host);
    await host.run(['ip', 'link', 'add', 'uplink', 'type', 'veth', 'peer', 'name', 'world']);
    await host.run(['ip', 'address', 'add', '192.0.2.2/24', 'dev', 'uplink']);
    for (const link of ['uplink', 'world']) await host.run(['ip', 'link', 'set', 'dev', link, 'up']);
    await host.run(['ip', 'route', 'add', 'default', 'via', '192.0.2.1']);
  } catch (cause) {
    await host.dispose();
    throw cause;
  }
  return { ...plan, host, [Symbol.asyncDispose]: () => host.dispose() };
}

let containers = 0;

/** Slots for so many attachments at once, each with a sandbox and a container id that no call had before. */
export async function makeSlots(host: Host, count: number): Promise<Slot[]> {
  const slots: Slot[] = [];
  for (let number = 0; number < count; number++) {
    slots.push(nextContainer({ number, sandbox: await host.addSandbox(), containerID: '' }));
  }
  return slots;
}

/** The same place for a container that was never there. */
export function nextContainer(slot: Slot): Slot {
  containers += 1;
  return { ...slot, containerID: containers.toString(16).padStart(64, '5eed') };
}

/** The host port of a slot; the container's is always 80. */
export function hostPort(slot: Slot): number {
  return 20_000 + slot.number;
}

/** A call of a CNI plugin as libcni makes it. */
export function cniCall(
  file: string,
  call: { verb: string; slot: Slot; conf: Readonly<Record<string, unknown>> },
): Timed {
  const { verb, slot, conf } = call;
  return {
    argv: [file],
    env: {
      ...PLAIN_ENVIRONMENT,
      CNI_COMMAND: verb,
      CNI_CONTAINERID: slot.containerID,
      CNI_NETNS: slot.sandbox.path,
      CNI_IFNAME: 'eth0',
      CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAME=c${slot.number}`,
      CNI_PATH: '/usr/lib/cni',
    },
    input: JSON.stringify(conf).replaceAll('"@PREVIOUS@"', '@PREVIOUS@'),
  };
}
