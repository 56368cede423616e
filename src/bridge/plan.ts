import { networkOf, parseCidr } from '../input/address.ts';
import { spansOverlap } from '../ipam/range.ts';
import type { LinkInfo } from '../sys/process/ip.ts';

/** A gateway address of the bridge. */
export interface GatewaySpec {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix: number;
}

export interface BridgeSpec {
  readonly name: string;
  /** For a new bridge; an existing one keeps its MAC. */
  readonly mac: string;
  /** `undefined` for a bridge made by hand, which keeps its MTU. */
  readonly mtu: number | undefined;
  readonly gateways: readonly GatewaySpec[];
  /** CIDRs of the gateways of all subnets of the network, which may coexist on the bridge. */
  readonly siblings?: readonly string[];
  /** Replace differing addresses instead of refusing (the reference's `forceAddress`). */
  readonly forceAddress: boolean;
  readonly promiscMode: boolean;
}

/** A link of that name exists, and must not be used or changed. */
export class BridgeConflictError extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.name = 'BridgeConflictError';
    this.remedy = remedy;
  }
}

/**
 * An explicit MAC stays; otherwise the bridge takes the lowest one of its ports, and neighbours lose it for half a
 * minute whenever that changes. The MTU is set separately: one given at creation falls back to 1500 when the last port
 * leaves (br_mtu_auto_adjust).
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

/** Foreign addresses that exclude a gateway: any IPv4 address, but only overlapping IPv6 ones. */
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

/** @throws BridgeConflictError if the link is not a bridge. */
export function refuseOtherKind(name: string, link: LinkInfo): void {
  if (link.linkinfo?.info_kind === 'bridge') return;
  throw new BridgeConflictError(
    `"${name}" exists but is not a bridge (it is a ${link.linkinfo?.info_kind ?? 'plain link'})`,
    `choose another "bridge" in the network's configuration; to see the link: ip -d address show ${name}`,
  );
}

/**
 * Lines of `ip -batch` that adapt an existing link to the network.
 * @throws BridgeConflictError if the link is not a bridge, or has an address that excludes the gateway.
 */
export function planRepair(spec: BridgeSpec, link: LinkInfo): readonly string[] {
  refuseOtherKind(spec.name, link);
  const promisc = link.flags.includes('PROMISC');
  const isWrongMtu = spec.mtu !== undefined && link.mtu !== spec.mtu;
  return [
    // Before the addresses: below 1280 the kernel disables IPv6 on a link.
    ...(isWrongMtu ? [`link set dev ${spec.name} mtu ${spec.mtu}`] : []),
    ...spec.gateways.flatMap((gateway) => planGateway(spec, link, gateway)),
    ...(spec.promiscMode && !promisc ? [`link set dev ${spec.name} promisc on`] : []),
    ...(link.flags.includes('UP') ? [] : [`link set dev ${spec.name} up`]),
  ];
}
