import type { Device } from '../link-info.ts';
import { request, type NetlinkRequest, FLAG, type Netlink } from './netlink.ts';
import { attribute, nest, parseAttributes, u32 } from './message.ts';

/* Requests about addresses and routes (rtnetlink(7)). Constants are from <linux/rtnetlink.h> and <linux/if_addr.h>. */

const TYPE = { newAddress: 20, getAddress: 22, newRoute: 24 } as const;
const ADDRESS_HEADER_LENGTH = 8;

const AF = { 4: 2, 6: 10 } as const;
export const ADDRESS = { address: 1, local: 2, broadcast: 4 } as const;
const IFA_F_NODAD = 2;

export const ROUTE = {
  dst: 1,
  oif: 4,
  gateway: 5,
  priority: 6,
  metrics: 8,
  multipath: 9,
  table: 15,
} as const;
/** Nested in `ROUTE.metrics`. */
export const METRIC = { mtu: 2, advmss: 8 } as const;
/** Default table of a route. */
export const TABLE_MAIN = 254;
const TABLE_COMPAT = 252;
const PROTOCOL_BOOT = 3;
const TYPE_UNICAST = 1;
/** From this scope upwards the destination is on the link, or nearer: no gateway leads there. */
export const SCOPE_LINK = 253;

/** Addresses are 4 or 16 bytes. */
export interface NewAddress {
  readonly family: 4 | 6;
  readonly address: Uint8Array;
  readonly prefix: number;
  readonly broadcast: Uint8Array | undefined;
  /** IPv6: skip duplicate address detection. */
  readonly nodad: boolean;
}

export function addAddress({ index }: Device, spec: NewAddress, line: string): NetlinkRequest {
  const header = Buffer.from([AF[spec.family], spec.prefix, spec.nodad ? IFA_F_NODAD : 0, 0]);
  return {
    line,
    type: TYPE.newAddress,
    flags: FLAG.create | FLAG.excl,
    body: Buffer.concat([
      header,
      u32(index),
      ...attribute(ADDRESS.local, spec.address),
      ...attribute(ADDRESS.address, spec.address),
      ...attribute(ADDRESS.broadcast, spec.broadcast),
    ]),
  };
}

/** Addresses are 4 or 16 bytes; `broadcast` is that of the address's subnet, if any. */
export interface PresentAddress {
  readonly address: Buffer;
  readonly broadcast: Buffer | undefined;
}

/** Addresses of all links of our namespace. */
export function readAddresses(netlink: Netlink): readonly PresentAddress[] {
  const body = Buffer.alloc(ADDRESS_HEADER_LENGTH);
  const answers = request(netlink, { line: 'address show', type: TYPE.getAddress, flags: FLAG.dump, body });
  return answers.flatMap((answer) => {
    const attributes = parseAttributes(answer.body, ADDRESS_HEADER_LENGTH);
    // On point-to-point links `address` is the peer's.
    const address = attributes.get(ADDRESS.local) ?? attributes.get(ADDRESS.address);
    return address === undefined ? [] : [{ address, broadcast: attributes.get(ADDRESS.broadcast) }];
  });
}

/** Addresses are 4 or 16 bytes. */
export interface NewRoute {
  readonly family: 4 | 6;
  readonly dst: Uint8Array;
  readonly prefix: number;
  readonly gateway: Uint8Array | undefined;
  readonly metric: number | undefined;
  readonly mtu: number | undefined;
  readonly advmss: number | undefined;
  readonly table: number | undefined;
  readonly scope: number | undefined;
  /** Add beside an equal route instead of failing. */
  readonly append: boolean;
}

function number(value: number | undefined): Buffer | undefined {
  return value === undefined ? undefined : u32(value);
}

export function addRoute({ index }: Device, spec: NewRoute, line: string): NetlinkRequest {
  const table = spec.table ?? TABLE_MAIN;
  const scope = spec.scope ?? (spec.gateway === undefined ? SCOPE_LINK : 0);
  const short = table > 255 ? TABLE_COMPAT : table;
  const metrics = [
    ...attribute(METRIC.mtu, number(spec.mtu)),
    ...attribute(METRIC.advmss, number(spec.advmss)),
  ];
  return {
    line,
    type: TYPE.newRoute,
    flags: FLAG.create | (spec.append ? FLAG.append : FLAG.excl),
    body: Buffer.concat([
      Buffer.from([AF[spec.family], spec.prefix, 0, 0, short, PROTOCOL_BOOT, scope, TYPE_UNICAST]),
      u32(0),
      ...attribute(ROUTE.dst, spec.prefix === 0 ? undefined : spec.dst),
      ...attribute(ROUTE.table, u32(table)),
      ...attribute(ROUTE.gateway, spec.gateway),
      ...attribute(ROUTE.priority, number(spec.metric)),
      ...(metrics.length > 0 ? nest(ROUTE.metrics, metrics) : []),
      ...attribute(ROUTE.oif, u32(index)),
    ]),
  };
}
