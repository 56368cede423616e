import { networkOf, parseAddress } from '../input/address.ts';
import { bytesOf, toBytes } from '../input/address-bytes.ts';
import type { Device } from '../sys/link-info.ts';
import { addAddress, addRoute } from '../sys/netlink/address-requests.ts';
import { addVeth, bringUp, makePort, setPortFlags } from '../sys/netlink/link-requests.ts';
import type { NetlinkRequest } from '../sys/netlink/netlink.ts';

/** The pair to make: the host end in the bridge, the other end under its final name in the sandbox. */
export interface PairSpec {
  readonly hostIfname: string;
  readonly ifname: string;
  readonly bridge: Device;
  /** MAC of the sandbox end. */
  readonly mac: string;
  /** MAC of the host end; set, so that it need not be read back. */
  readonly hostMac: string;
  readonly mtu: number;
  readonly alias: string;
  readonly hairpin: boolean;
  /** Ports of a bridge that are isolated do not reach each other. */
  readonly isolated: boolean;
  /** Descriptor of the sandbox. */
  readonly netnsFd: number;
  /** A link without IPv6, because the host has none or the MTU is too small, has no addresses to keep off. */
  readonly hasIPv6: boolean;
}

/** An address of the sandbox end. */
export interface AddressSpec {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix: number;
  /** IPv6: check for duplicates first, which takes a second or two. */
  readonly checkDuplicates?: boolean;
}

/** A route of the sandbox: host-local's fields (plugins `types.Route`, SPEC 1.1.0 "routes"). */
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

/** A route that should be there; unknown fields match anything. */
export interface ExpectedRoute extends RouteSpec {
  readonly isInAnyTable?: boolean;
  readonly isThroughAnyLink?: boolean;
}

/**
 * Requests that make the pair. The peer is made in the sandbox at once: made on the host and moved, it would collide
 * with the host's own `eth0`.
 */
export function planPair(spec: PairSpec): readonly NetlinkRequest[] {
  const { hostIfname: host, hostMac, ifname, mac, mtu, netnsFd, hairpin, isolated } = spec;
  return [
    addVeth({ name: host, mac: hostMac, mtu }, { name: ifname, mac, mtu, netnsFd }),
    // No link-local address of its own: the host end is a bridge port.
    makePort(host, { alias: spec.alias, bridge: spec.bridge, withoutAddress: spec.hasIPv6 }),
    ...(hairpin || isolated ? [setPortFlags(host, { hairpin, isolated })] : []),
  ];
}

/** True for 0.0.0.0/0 and ::/0. */
export function isDefaultRoute(dst: string): boolean {
  return /^[0.:]+\/0$/.test(dst);
}

/** 6 for texts with a colon. */
export function familyOf(text: string): 4 | 6 {
  return text.includes(':') ? 6 : 4;
}

function optional(key: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [`${key} ${value}`];
}

/** The request for a route. Of IPv4 it goes behind an equal one, which IPv6 refuses. */
export function planRoute(route: RouteSpec, device: Device): NetlinkRequest {
  const { dst, gw, mtu, advmss, table, scope, priority: metric } = route;
  const [address = '', prefix = ''] = dst.split('/');
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

/** The last address of the subnet; subnets of one or two addresses have none to spare. */
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

/** Requests, made in the sandbox, that give the interface its addresses and routes. `lo` is the runtime's business. */
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
