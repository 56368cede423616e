import type { Context } from '../../sys/context.ts';
import { listMasquerade } from '../../firewall/listing.ts';
import { chooseBackend, type MasqueradeBackend, type SourceNat } from '../../firewall/masquerade.ts';
import { portElements } from '../../firewall/ports.ts';
import type { Element } from '../../firewall/table.ts';
import { listForeign } from '../../attachment/foreign.ts';
import { recall } from '../../attachment/intent.ts';
import { lostPorts, missingRules } from '../../attachment/missing-rules.ts';
import { rangesOf, dataDirOf, subnetsOf, gatewaysOf, sizeOf } from './pools.ts';
import type { NetworkSpec } from '../../attachment/spec.ts';
import { parseAddress } from '../../input/address.ts';
import { spanContains } from '../../ipam/range.ts';
import type { Allocation } from '../../ipam/types.ts';
import { forwardGaps } from '../../firewall/forward.ts';
import type { ForwardSpec } from '../../firewall/forward-plan.ts';
import type { LinkInfo } from '../../sys/process/ip.ts';
import { readSysctl } from '../../sys/sysctl.ts';
import { parseAlias } from '../../veth/alias.ts';
import { hostIfname, isHostIfname } from '../../veth/name.ts';
import type { HostNetwork } from '../network/host-network.ts';
import type { NetworkFacts, RuleFacts } from './facts.ts';
import type { PodmanContainer } from './podman.ts';
import {
  bridgeInUse,
  changesOf,
  type Configured,
  describeRunning,
  gatewaysInUse,
  masqueradeInUse,
} from './running.ts';
import type { StateFacts } from './state.ts';

/** Numerical order, IPv4 before IPv6: 10.87.1.9 comes before 10.87.1.10. */
export function byAddress(one: Pick<Allocation, 'address'>, other: Pick<Allocation, 'address'>): number {
  const [left, right] = [parseAddress(one.address), parseAddress(other.address)];
  if (left === undefined || right === undefined) return one.address.localeCompare(other.address);
  if (left.family !== right.family) return left.family - right.family;
  return left.value < right.value ? -1 : left.value > right.value ? 1 : 0;
}

export function portsOf(network: string, links: readonly LinkInfo[]): readonly LinkInfo[] {
  return links.filter(
    ({ ifname, ifalias }) => isHostIfname(ifname) && parseAlias(ifalias ?? '')?.network === network,
  );
}

export function forwardSpecOf(conf: NetworkSpec): ForwardSpec {
  const families = [...new Set(rangesOf(conf).map(({ family }) => family))];
  return { bridge: conf.bridge, families, zone: conf.firewalldZone };
}

/** The network's bridge and the uplink, if their `forwarding` is 0; empty if the network forwards nothing. */
export function closedLinks(
  conf: NetworkSpec,
  bridge: string,
  uplink: string | undefined,
): readonly string[] {
  const { families } = forwardSpecOf(conf);
  if (!conf.isGateway || conf.internal || (families.length > 0 && !families.includes(4))) return [];
  return [bridge, ...(uplink === undefined ? [] : [uplink])].filter(
    (link) => readSysctl(`net/ipv4/conf/${link}/forwarding`) === '0',
  );
}

/**
 * What masquerades a network: what its containers were attached with, for that is what the kernel has; the machine's
 * tools may have changed since.
 */
function backendsOf({ conf, name }: HostNetwork, state: StateFacts): readonly MasqueradeBackend[] {
  const own = state.allocations.filter(({ network }) => network === name);
  const live = own.filter((allocation) => !state.dead.includes(allocation));
  const intents = [
    ...(live.length > 0 ? live : own).map(({ data }) => recall(data)),
    ...listForeign().flatMap(({ network, intent }) => (network === name ? [intent] : [])),
  ];
  const used = intents.flatMap((intent) => (intent?.ipMasq === true ? [intent.ipMasqBackend] : []));
  return used.length > 0 ? [...new Set(used)] : [chooseBackend(conf.ipMasqBackend)];
}

export interface Wanted {
  readonly state: StateFacts;
  readonly containers: readonly PodmanContainer[];
  readonly bridge: string;
}

/** Published ports of containers whose state was lost, from Podman. */
function forgottenPorts(network: string, { state, containers }: Wanted): readonly Element[] {
  return state.forgotten
    .filter((one) => one.network === network)
    .flatMap((one) => {
      const mappings = containers.find(({ id }) => id === one.containerID)?.portMappings ?? [];
      return portElements(hostIfname(one), mappings, [one.address]);
    });
}

/**
 * Inspects the rules of a network.
 *
 * @throws ToolMissingError when a missing tool would be needed to list them.
 */
export async function inspectRules(network: HostNetwork, wanted: Wanted, ctx: Context): Promise<RuleFacts> {
  const { conf, name } = network;
  const backends = backendsOf(network, wanted.state);
  const nat: SourceNat[] = [];
  for (const backend of conf.ipMasq ? backends : []) {
    nat.push(...(await listMasquerade({ network: name, backend }, ctx)));
  }
  // An unreadable state is a finding of its own.
  const isRemembered = conf.ipam.from !== 'source' && wanted.state.condition !== 'unreadable';
  return {
    backend: backends[0] ?? 'nftables',
    nat,
    missing: isRemembered ? await missingRules(name, dataDirOf(conf), ctx) : [],
    lost: await lostPorts(forgottenPorts(name, wanted), ctx),
    forwardGaps: conf.forwardAccept
      ? await forwardGaps({ ...forwardSpecOf(conf), bridge: wanted.bridge }, ctx)
      : [],
  };
}

/** Addresses of the pool in use, divided by the range sets: an attachment takes one address of each. */
function usedOf(conf: NetworkSpec, allocations: readonly Allocation[]): number {
  const ranges = rangesOf(conf);
  const inside = allocations.filter(({ address }) => {
    const parsed = parseAddress(address);
    return ranges.some(
      ({ family, subnet }) => family === parsed?.family && spanContains(subnet, parsed.value),
    );
  });
  const sets = conf.ipam.from !== 'source' ? conf.ipam.pool.sets.length : 1;
  return Math.ceil(inside.length / Math.max(1, sets));
}

export function describeNetwork(
  network: HostNetwork,
  links: readonly LinkInfo[],
  state: StateFacts,
): Omit<NetworkFacts, 'rules' | 'closedLinks'> {
  const { conf, name } = network;
  const ports = portsOf(name, links);
  const allocations = state.allocations.filter((one) => one.network === name).toSorted(byAddress);
  const configured: Configured = { conf, subnets: subnetsOf(conf), gateways: gatewaysOf(conf) };
  const running = describeRunning(ports, allocations, configured);
  const bridgeName = bridgeInUse(running, conf.bridge);
  return {
    network,
    subnets: configured.subnets,
    gateways: gatewaysInUse(running, configured),
    masquerade: masqueradeInUse(running, configured.subnets),
    size: sizeOf(conf),
    used: usedOf(conf, allocations),
    bridgeName,
    bridge: links.find(({ ifname }) => ifname === bridgeName),
    ports,
    running,
    changes: changesOf(running, configured),
    allocations,
    state,
  };
}
