import { networkOf, parseCidr } from '../input/address.ts';
import { spansOverlap } from '../ipam/range.ts';
import type { LinkInfo } from '../sys/process/ip.ts';

/** An address of the bridge: the gateway of one subnet. */
export interface GatewaySpec {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix: number;
}

/** The bridge a network wants. */
export interface BridgeSpec {
  readonly name: string;
  /** Used when the bridge has to be made; a bridge that exists keeps its own. */
  readonly mac: string;
  /** `undefined`: the bridge was made by hand, and keeps the one it has. */
  readonly mtu: number | undefined;
  readonly gateways: readonly GatewaySpec[];
  /** CIDR texts of the gateways of all subnets of the network: they stand beside each other. */
  readonly siblings?: readonly string[];
  /** Replace differing addresses instead of refusing (the reference's `forceAddress`). */
  readonly forceAddress: boolean;
  readonly promiscMode: boolean;
}

/** A link of that name that flatnet must not use; `remedy` says what to do. */
export class BridgeConflictError extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.name = 'BridgeConflictError';
    this.remedy = remedy;
  }
}

/**
 * Lines that make the bridge. The MAC is set, so that it does not change as ports come and go (a bridge without
 * takes the lowest of its ports', and every neighbour loses it for half a minute). The MTU is set afterwards: one that was
 * given at the making gives way to 1500 when the last port leaves (the kernel's br_mtu_auto_adjust).
 */
export function planCreation({ name, mac, mtu }: BridgeSpec): readonly string[] {
  const made = `link add name ${name} address ${mac} type bridge`;
  return mtu === undefined ? [made] : [made, `link set dev ${name} mtu ${mtu}`];
}

function cidrOf({ address, prefix }: GatewaySpec): string {
  return `${address}/${prefix}`;
}

function planAddress(spec: BridgeSpec, gateway: GatewaySpec): string {
  const cidr = cidrOf(gateway);
  return gateway.family === 4
    ? `address add ${cidr} brd + dev ${spec.name}`
    : `address add ${cidr} dev ${spec.name} nodad`;
}

function addressesOf(link: LinkInfo, family: 4 | 6): readonly string[] {
  const wanted = family === 4 ? 'inet' : 'inet6';
  return (link.addr_info ?? [])
    .filter((info) => info.family === wanted && info.scope === 'global')
    .map((info) => `${info.local}/${info.prefixlen}`);
}

function overlaps(one: string, other: string): boolean {
  const [left, right] = [parseCidr(one), parseCidr(other)];
  return left !== undefined && right !== undefined && spansOverlap(networkOf(left), networkOf(right));
}

/**
 * Addresses that a gateway cannot stand beside: any of IPv4, of IPv6 those of an overlapping subnet; never the network's
 * own.
 */
function inTheWay(
  { gateways, siblings = [] }: BridgeSpec,
  gateway: GatewaySpec,
  present: readonly string[],
): readonly string[] {
  const own = [...siblings, ...gateways.map(cidrOf)];
  const others = present.filter((cidr) => !own.includes(cidr));
  return gateway.family === 4 ? others : others.filter((cidr) => overlaps(cidr, cidrOf(gateway)));
}

function planGateway(spec: BridgeSpec, link: LinkInfo, gateway: GatewaySpec): readonly string[] {
  const present = addressesOf(link, gateway.family);
  const wanted = cidrOf(gateway);
  if (present.includes(wanted)) return [];
  const others = inTheWay(spec, gateway, present);
  if (others.length === 0) return [planAddress(spec, gateway)];
  if (spec.forceAddress) {
    return [...others.map((cidr) => `address del ${cidr} dev ${spec.name}`), planAddress(spec, gateway)];
  }
  throw new BridgeConflictError(
    `Bridge "${spec.name}" has address ${others.join(', ')}, the network wants ${wanted}`,
    `give the network another "bridge", or set "forceAddress": true if nothing else on this host needs ${others.join(', ')}`,
  );
}

/**
 * Lines that bring an existing link to what the network wants; none when it is so already.
 *
 * @throws BridgeConflictError when the link is no bridge or has an address in the way of the gateway's.
 */
export function planRepair(spec: BridgeSpec, link: LinkInfo): readonly string[] {
  if (link.linkinfo?.info_kind !== 'bridge') {
    throw new BridgeConflictError(
      `"${spec.name}" exists but is not a bridge (it is a ${link.linkinfo?.info_kind ?? 'plain link'})`,
      `choose another "bridge" in the network's configuration; what has this name is shown by: ip -d address show ${spec.name}`,
    );
  }
  const promisc = link.flags.includes('PROMISC');
  const isWrongMtu = spec.mtu !== undefined && link.mtu !== spec.mtu;
  return [
    // Before the addresses: below 1280 the kernel has no IPv6 on a link.
    ...(isWrongMtu ? [`link set dev ${spec.name} mtu ${spec.mtu}`] : []),
    ...spec.gateways.flatMap((gateway) => planGateway(spec, link, gateway)),
    ...(spec.promiscMode && !promisc ? [`link set dev ${spec.name} promisc on`] : []),
    ...(link.flags.includes('UP') ? [] : [`link set dev ${spec.name} up`]),
  ];
}
