import { networkOf, parseAddress, familyOf, splitPrefix } from '../input/address.ts';
import { bytesOf, toBytes } from '../input/address-bytes.ts';
import type { Device } from '../sys/link-info.ts';
import { addAddress, addRoute } from '../sys/netlink/address-requests.ts';
import { addVeth, bringUp, makePort, setPortFlags } from '../sys/netlink/link-requests.ts';
import { addName } from '../sys/netlink/link-settings.ts';
import type { NetlinkRequest } from '../sys/netlink/netlink.ts';

/** The host end goes into the bridge, the other end into the sandbox under its final name. */
export interface PairSpec {
  readonly hostIfname: string;
  /** A further name of the host end. */
  readonly furtherName?: string | undefined;
  readonly ifname: string;
  readonly bridge: Device;
  readonly mac: string;
  /** MAC of the host end; given, so that it need not be read back. */
  readonly hostMac: string;
  readonly mtu: number;
  readonly alias: string;
  readonly hairpin: boolean;
  /** Isolated ports of a bridge do not reach each other. */
  readonly isolated: boolean;
  /** File descriptor of the sandbox. */
  readonly netnsFd: number;
  /** Without IPv6, because the host has none or the MTU is too small, there is no link-local address to suppress. */
  readonly hasIPv6: boolean;
}

export interface AddressSpec {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix: number;
  /** IPv6: detect duplicates first, which takes a second or two. */
  readonly checkDuplicates?: boolean;
}

/** A route of the sandbox, in host-local's fields (plugins `types.Route`, SPEC 1.1.0 "routes"). */
export interface RouteSpec {
  /** CIDR. */
  readonly dst: string;
  readonly gw?: string | undefined;
  readonly mtu?: number | undefined;
  readonly advmss?: number | undefined;
  readonly priority?: number | undefined;
  readonly table?: number | undefined;
  readonly scope?: number | undefined;
}

/** A route that must be present; absent fields match anything. */
export interface ExpectedRoute extends RouteSpec {
  readonly isInAnyTable?: boolean;
  readonly isThroughAnyLink?: boolean;
}

/** The peer is created in the sandbox: created on the host and moved, it would collide with the host's own `eth0`. */
export function planPair(spec: PairSpec): readonly NetlinkRequest[] {
  const { hostIfname: host, hostMac, ifname, mac, mtu, netnsFd, hairpin, isolated, furtherName } = spec;
  return [
    addVeth({ name: host, mac: hostMac, mtu }, { name: ifname, mac, mtu, netnsFd }),
    // No link-local address: the host end is a bridge port.
    makePort(host, { alias: spec.alias, bridge: spec.bridge, withoutAddress: spec.hasIPv6 }),
    ...(hairpin || isolated ? [setPortFlags(host, { hairpin, isolated })] : []),
    ...(furtherName === undefined ? [] : [addName(host, furtherName)]),
  ];
}

/** True for 0.0.0.0/0 and ::/0. */
export function isDefaultRoute(dst: string): boolean {
  return /^[0.:]+\/0$/.test(dst);
}

function optional(key: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [`${key} ${value}`];
}

/** Appends an IPv4 route, which may equal a present one; IPv6 refuses that. */
export function planRoute(route: RouteSpec, device: Device): NetlinkRequest {
  const { dst, gw, mtu, advmss, table, scope, priority: metric } = route;
  const { address, prefix } = splitPrefix(dst);
  const family = familyOf(dst);
  const append = family === 4;
  const line = [
    `route ${append ? 'append' : 'add'} ${dst}`,
    ...optional('via', gw),
    `dev ${device.name}`,
    ...optional('metric', metric),
    ...optional('mtu', mtu),
    ...optional('advmss', advmss),
    ...optional('table', table),
    ...optional('scope', scope),
  ].join(' ');
  const gateway = gw === undefined ? undefined : bytesOf(gw);
  const fields = { metric, mtu, advmss, table, scope, append };
  return addRoute(
    device,
    { family, dst: bytesOf(address), prefix: Number(prefix), gateway, ...fields },
    line,
  );
}

/** The last address of the subnet; `undefined` for subnets of one or two addresses. */
function broadcastOf({ address, prefix }: AddressSpec): Uint8Array | undefined {
  const parsed = parseAddress(address);
  if (parsed === undefined || prefix > 30) return undefined;
  return toBytes({ family: 4, value: networkOf({ ...parsed, prefix }).last });
}

function planAddress(spec: AddressSpec, device: Device): NetlinkRequest {
  const { family, address, prefix } = spec;
  const nodad = family === 6 && spec.checkDuplicates !== true;
  const line = `address add ${address}/${prefix}${family === 4 ? ' brd +' : ''} dev ${device.name}${nodad ? ' nodad' : ''}`;
  const broadcast = family === 4 ? broadcastOf(spec) : undefined;
  return addAddress(device, { family, address: bytesOf(address), prefix, broadcast, nodad }, line);
}

/** Requests, made in the sandbox, for addresses and routes of the interface. The runtime brings up `lo`. */
export function planSandbox(
  device: Device,
  addresses: readonly AddressSpec[],
  routes: readonly RouteSpec[],
): readonly NetlinkRequest[] {
  return [
    ...addresses.map((address) => planAddress(address, device)),
    bringUp(device.name),
    ...routes.map((route) => planRoute(route, device)),
  ];
}
