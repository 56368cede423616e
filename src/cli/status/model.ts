import type { Facts, NetworkFacts } from '../facts/facts.ts';
import { recall } from '../../attachment/intent.ts';
import type { Allocation } from '../../ipam/types.ts';
import { formatAddressInfo, hasNoCarrier } from '../../sys/process/ip.ts';
import { parseAlias } from '../../veth/alias.ts';
import type { Backend } from '../backend.ts';
import { longPort } from '../text/port.ts';
import { type NamesStatus, namesStatus } from './names.ts';

/** An entry of `attachments` in `flatnet status --json`. */
export interface AttachmentStatus {
  readonly address: string;
  readonly containerName: string;
  readonly containerID: string;
  readonly ifname: string;
  readonly hostIfname: string;
  /** `down`: the host veth is not in the bridge, or one end is not up. `gone`: there is no host veth. */
  readonly link: 'up' | 'down' | 'gone';
  readonly ports: readonly string[];
}

/** An entry of `networks` in `flatnet status --json`. */
export interface NetworkStatus {
  readonly name: string;
  /** The part of Podman that knows it: by a conflist, or by a file of netavark. */
  readonly backend: Backend;
  readonly bridge: string;
  readonly bridgeState: 'up' | 'down' | 'absent';
  readonly addresses: readonly string[];
  readonly missingGateways: readonly string[];
  readonly mtu: number | undefined;
  readonly subnets: readonly string[];
  readonly used: number;
  readonly size: number;
  readonly ipMasq: boolean;
  /** Whether all its subnets are masqueraded; `null` if the packet filter cannot be read. */
  readonly masquerade: boolean | null;
  /** Whether the kernel and the links forward and no chain blocks its packets; `null` as above. */
  readonly forwarding: boolean | null;
  readonly missingRules: readonly string[];
  readonly names: NamesStatus;
  readonly isChanged: boolean;
  /** Names or ids of containers whose rules are unknown. */
  readonly forgotten: readonly string[];
  readonly state: string;
  readonly attachments: readonly AttachmentStatus[];
}

function linkState({ ports, running }: NetworkFacts, name: string | undefined): AttachmentStatus['link'] {
  const link = ports.find(({ ifname }) => ifname === name);
  if (link === undefined) return 'gone';
  const bridge = running.find(({ hostIfname }) => hostIfname === name)?.bridge;
  const isUp = link.flags.includes('UP') && !hasNoCarrier(link);
  return isUp && link.master === bridge ? 'up' : 'down';
}

/** Published ports stored with an address, for containers unknown to Podman. */
export function publishedPorts(data: Allocation['data']): readonly string[] {
  return recall(data)?.portMappings.map(longPort) ?? [];
}

function attachmentsOf(facts: Facts, network: NetworkFacts): readonly AttachmentStatus[] {
  return network.allocations.map(({ data, address, containerName, containerID, ifname, hostIfname }) => {
    const container = facts.containers.find(({ id }) => id === containerID);
    const alias = network.ports.find((port) => port.ifname === hostIfname)?.ifalias;
    return {
      address,
      // Podman's name first: the container may have been renamed.
      containerName: container?.name ?? containerName ?? parseAlias(alias ?? '')?.containerName ?? '',
      containerID,
      ifname,
      hostIfname: hostIfname ?? '',
      link: linkState(network, hostIfname),
      ports: container?.ports ?? publishedPorts(data),
    };
  });
}

type Switches = Pick<NetworkStatus, 'masquerade' | 'forwarding' | 'missingRules'>;

function switchesOf({ ipForward }: Facts, { rules, masquerade, closedLinks }: NetworkFacts): Switches {
  if (rules === undefined) return { masquerade: null, forwarding: null, missingRules: [] };
  return {
    masquerade: masquerade.every((subnet) => rules.nat.some((one) => one.subnet === subnet)),
    forwarding: ipForward === '1' && closedLinks.length === 0 && rules.forwardGaps.length === 0,
    missingRules: [...rules.missing, ...rules.lost],
  };
}

function forgottenOf({ state, network }: NetworkFacts): readonly string[] {
  const forgotten = state.forgotten.filter((one) => one.network === network.name);
  return [...new Set(forgotten.map(({ containerName, containerID }) => containerName ?? containerID))];
}

export function networkStatus(facts: Facts, network: NetworkFacts): NetworkStatus {
  const { conf, name, backend } = network.network;
  const { bridge, bridgeName, subnets, gateways, running } = network;
  const addresses = bridge?.addr_info ?? [];
  return {
    name,
    backend,
    bridge: bridgeName,
    bridgeState: bridge === undefined ? 'absent' : bridge.flags.includes('UP') ? 'up' : 'down',
    addresses: addresses.filter(({ scope }) => scope === 'global').map(formatAddressInfo),
    // The first container adds them.
    missingGateways:
      bridge === undefined || running.length === 0
        ? []
        : gateways.filter((gateway) => !addresses.map(formatAddressInfo).includes(gateway)),
    mtu: bridge?.mtu,
    subnets,
    used: network.used,
    size: Number(network.size),
    ipMasq: conf.ipMasq,
    ...switchesOf(facts, network),
    names: namesStatus(facts, name),
    isChanged: network.changes.length > 0,
    forgotten: forgottenOf(network),
    state: network.state.problem ?? network.state.condition,
    attachments: attachmentsOf(facts, network),
  };
}
