import { subnetOf } from '../../attachment/leased.ts';
import { recallForeign } from '../../attachment/foreign.ts';
import { type Memory, recall } from '../../attachment/intent.ts';
import type { NetworkSpec } from '../../attachment/spec.ts';
import type { Allocation } from '../../ipam/types.ts';
import type { LinkInfo } from '../../sys/process/ip.ts';
import { parseAlias } from '../../veth/alias.ts';
import { familyOf } from '../../veth/plan.ts';

/** The settings a running container was attached with. */
export interface Running {
  readonly containerID: string;
  readonly hostIfname: string;
  readonly bridge: string;
  /** CIDR texts of the subnets its addresses are of. */
  readonly subnets: readonly string[];
  /** CIDR texts of its gateways. */
  readonly gateways: readonly string[];
  /** CIDR texts of the subnets that are masqueraded for it. */
  readonly masquerade: readonly string[];
  /** Whether it was attached while `ipMasq` was true; `undefined` where that is unknown. */
  readonly ipMasq: boolean | undefined;
}

/** A value of the configuration that differs from the one running containers were attached with. */
export interface Change {
  readonly what: 'bridge' | 'subnet' | 'gateway';
  readonly now: readonly string[];
  /** The values of those containers. */
  readonly held: readonly string[];
  readonly containers: number;
}

/** The configuration as it is now. */
export interface Configured {
  readonly conf: NetworkSpec;
  readonly subnets: readonly string[];
  readonly gateways: readonly string[];
}

/** The different values, in the order in which they first appear. */
function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

/** For addresses of another plugin, the file of foreign attachments has it. */
function ipMasqOf({ ifname }: LinkInfo, memory: Memory | undefined): boolean | undefined {
  return (memory ?? recallForeign(ifname)?.memory)?.ipMasq;
}

function describePort(port: LinkInfo, own: readonly Allocation[], { conf, subnets }: Configured): Running {
  const memory = recall(own[0]?.data);
  return {
    containerID: own[0]?.containerID ?? parseAlias(port.ifalias ?? '')?.containerID ?? '',
    hostIfname: port.ifname,
    // Without a stored setting, the bridge it is in is the best guess.
    bridge: memory?.bridge ?? port.master ?? conf.bridge,
    subnets: distinct(
      own.map(({ address, prefix }) =>
        subnetOf({ family: familyOf(address), address, prefix, gateway: undefined }),
      ),
    ),
    gateways: distinct(
      own.flatMap(({ gateway, prefix }) => (gateway === undefined ? [] : [`${gateway}/${prefix}`])),
    ),
    masquerade: memory?.subnets ?? subnets,
    ipMasq: ipMasqOf(port, memory),
  };
}

/** The settings of the containers behind these ports, from the allocations and the kernel. */
export function describeRunning(
  ports: readonly LinkInfo[],
  allocations: readonly Allocation[],
  configured: Configured,
): readonly Running[] {
  return ports.map((port) => {
    const own = allocations.filter(({ hostIfname }) => hostIfname === port.ifname);
    return describePort(port, own, configured);
  });
}

function compare(
  what: Change['what'],
  now: readonly string[],
  running: readonly { readonly containerID: string; readonly held: readonly string[] }[],
): readonly Change[] {
  const others = running.flatMap(({ containerID, held }) =>
    held.filter((text) => !now.includes(text)).map((text) => ({ containerID, text })),
  );
  if (others.length === 0) return [];
  const containers = new Set(others.map(({ containerID }) => containerID)).size;
  return [{ what, now, held: distinct(others.map(({ text }) => text)), containers }];
}

/** Differences between the configuration and the settings of running containers. */
export function changesOf(running: readonly Running[], configured: Configured): readonly Change[] {
  const { conf, subnets, gateways } = configured;
  const bridges = compare(
    'bridge',
    [conf.bridge],
    running.map(({ containerID, bridge }) => ({ containerID, held: [bridge] })),
  );
  if (conf.ipam.from === 'source') return bridges;
  const moved = compare(
    'subnet',
    subnets,
    running.map(({ containerID, subnets: held }) => ({ containerID, held })),
  );
  if (moved.length > 0 || !conf.isGateway) return [...bridges, ...moved];
  const led = compare(
    'gateway',
    gateways,
    running.map(({ containerID, gateways: held }) => ({ containerID, held })),
  );
  return [...bridges, ...led];
}

/** The configured bridge, unless all running containers are on another. */
export function bridgeInUse(running: readonly Running[], configured: string): string {
  return running.some(({ bridge }) => bridge === configured)
    ? configured
    : (running[0]?.bridge ?? configured);
}

/** CIDR texts of the gateway addresses that the bridge should have: those of running containers, else all. */
export function gatewaysInUse(
  running: readonly Running[],
  { conf, gateways }: Configured,
): readonly string[] {
  if (!conf.isGateway) return [];
  const used = distinct(running.flatMap((one) => one.gateways));
  return used.length === 0 ? gateways : used;
}

/** CIDR texts of the subnets to masquerade: those of running containers, else all. */
export function masqueradeInUse(running: readonly Running[], subnets: readonly string[]): readonly string[] {
  const used = distinct(running.flatMap(({ masquerade }) => masquerade));
  return used.length === 0 ? subnets : used;
}
