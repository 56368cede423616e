import { FLAG, type Netlink, type NetlinkRequest, requestIfThere } from './netlink.ts';
import { ABSENT } from './error.ts';
import {
  attribute,
  type Message,
  nest,
  parseAttributes,
  put32,
  read32,
  text,
  textOf,
  u32,
} from './message.ts';

/*
 * Requests about links (rtnetlink(7)), each with the equivalent line of `ip`. Constants are from <linux/rtnetlink.h>,
 * <linux/if_link.h> and <linux/if_bridge.h>.
 */

export const TYPE = { newLink: 16, delLink: 17, getLink: 18 } as const;
const IFF_UP = 1;
export const LINK = {
  address: 1,
  ifname: 3,
  mtu: 4,
  master: 10,
  txQueueLength: 13,
  info: 18,
  alias: 20,
  families: 26,
  netnsFd: 28,
} as const;
/** Nested in `LINK.info`. */
export const INFO = { kind: 1, data: 2, slaveKind: 4, slaveData: 5 } as const;
const VETH_PEER = 1;
const PORT = { hairpin: 4, isolated: 33 } as const;
const INET6 = { family: 10, generateAddress: 8, none: 1 } as const;

/** `struct ifinfomsg`. */
export const LINK_HEADER_LENGTH = 16;

/** `struct ifinfomsg`; index 0: an attribute names the link. */
export function linkHeader({ index = 0, flags = 0, change = 0 }): Buffer {
  const bytes = Buffer.alloc(LINK_HEADER_LENGTH);
  put32(bytes, 4, index);
  put32(bytes, 8, flags);
  put32(bytes, 12, change);
  return bytes;
}

export function macBytes(mac: string): Buffer {
  return Buffer.from(mac.replaceAll(':', ''), 'hex');
}

export interface VethEnd {
  readonly name: string;
  readonly mac: string;
  readonly mtu: number;
}

function endAttributes({ name, mac, mtu }: VethEnd): readonly Buffer[] {
  return [
    ...attribute(LINK.ifname, text(name)),
    ...attribute(LINK.address, macBytes(mac)),
    ...attribute(LINK.mtu, u32(mtu)),
  ];
}

/** The peer is created directly in the namespace behind `netnsFd`. */
export function addVeth(end: VethEnd, peer: VethEnd & { readonly netnsFd: number }): NetlinkRequest {
  const peerAttributes = [
    linkHeader({}),
    ...endAttributes(peer),
    ...attribute(LINK.netnsFd, u32(peer.netnsFd)),
  ];
  const info = [...attribute(INFO.kind, text('veth')), ...nest(INFO.data, nest(VETH_PEER, peerAttributes))];
  return {
    line: `link add name ${end.name} address ${end.mac} mtu ${end.mtu} type veth peer name ${peer.name} address ${peer.mac} mtu ${peer.mtu} netns /proc/self/fd/3`,
    handedOver: peer.netnsFd,
    type: TYPE.newLink,
    flags: FLAG.create | FLAG.excl,
    body: Buffer.concat([linkHeader({}), ...endAttributes(end), ...nest(LINK.info, info)]),
  };
}

export interface PortChange {
  readonly alias: string;
  readonly bridge: { readonly name: string; readonly index: number };
  /** Keeps IPv6 from assigning the link an address; false on a host without IPv6. */
  readonly withoutAddress: boolean;
}

/** Names a link, attaches it to a bridge and brings it up. */
export function makePort(name: string, { alias, bridge, withoutAddress }: PortChange): NetlinkRequest {
  const inet6 = nest(INET6.family, attribute(INET6.generateAddress, Uint8Array.of(INET6.none)));
  return {
    line: `link set dev ${name} alias ${alias}${withoutAddress ? ' addrgenmode none' : ''} master ${bridge.name} up`,
    type: TYPE.newLink,
    flags: 0,
    body: Buffer.concat([
      linkHeader({ flags: IFF_UP, change: IFF_UP }),
      ...attribute(LINK.ifname, text(name)),
      ...attribute(LINK.alias, Buffer.from(alias)),
      ...attribute(LINK.master, u32(bridge.index)),
      ...(withoutAddress ? nest(LINK.families, inet6) : []),
    ]),
  };
}

export interface PortFlags {
  readonly hairpin: boolean;
  readonly isolated: boolean;
}

export function setPortFlags(name: string, { hairpin, isolated }: PortFlags): NetlinkRequest {
  const on = Uint8Array.of(1);
  const data = [
    ...attribute(PORT.hairpin, hairpin ? on : undefined),
    ...attribute(PORT.isolated, isolated ? on : undefined),
  ];
  const info = [...attribute(INFO.slaveKind, text('bridge')), ...nest(INFO.slaveData, data)];
  return {
    line: `link set dev ${name} type bridge_slave${hairpin ? ' hairpin on' : ''}${isolated ? ' isolated on' : ''}`,
    type: TYPE.newLink,
    flags: 0,
    body: Buffer.concat([linkHeader({}), ...attribute(LINK.ifname, text(name)), ...nest(LINK.info, info)]),
  };
}

export function bringUp(name: string): NetlinkRequest {
  return {
    line: `link set dev ${name} up`,
    type: TYPE.newLink,
    flags: 0,
    body: Buffer.concat([
      linkHeader({ flags: IFF_UP, change: IFF_UP }),
      ...attribute(LINK.ifname, text(name)),
    ]),
  };
}

/** Pins a MAC, an MTU or both. */
export function setLink(name: string, { mac, mtu }: { mac?: string; mtu?: number }): NetlinkRequest {
  return {
    line: `link set dev ${name}${mac === undefined ? '' : ` address ${mac}`}${mtu === undefined ? '' : ` mtu ${mtu}`}`,
    type: TYPE.newLink,
    flags: 0,
    body: Buffer.concat([
      linkHeader({}),
      ...attribute(LINK.ifname, text(name)),
      ...attribute(LINK.address, mac === undefined ? undefined : macBytes(mac)),
      ...attribute(LINK.mtu, mtu === undefined ? undefined : u32(mtu)),
    ]),
  };
}

/** Removes a link; of a pair both ends. The kernel takes 15 ms or more. */
export function deleteLink(name: string): NetlinkRequest {
  return {
    line: `link del dev ${name}`,
    type: TYPE.delLink,
    flags: 0,
    body: Buffer.concat([linkHeader({}), ...attribute(LINK.ifname, text(name))]),
  };
}

/** `struct ifinfomsg` and attributes; `undefined` if the link does not exist. */
export function findLink(netlink: Netlink, name: string): Message | undefined {
  const body = Buffer.concat([linkHeader({}), ...attribute(LINK.ifname, text(name))]);
  const what = { line: `link show dev ${name}`, type: TYPE.getLink, flags: 0, body };
  return requestIfThere(netlink, what, (errno) => errno === ABSENT.ENODEV)?.[0];
}

export function linkIndex(netlink: Netlink, name: string): number | undefined {
  const found = findLink(netlink, name);
  return found === undefined ? undefined : read32(found.body, 4);
}

export function linkMtu(netlink: Netlink, name: string): number | undefined {
  const found = findLink(netlink, name);
  const mtu = found === undefined ? undefined : parseAttributes(found.body, LINK_HEADER_LENGTH).get(LINK.mtu);
  return mtu === undefined ? undefined : read32(mtu, 0);
}

/** The name of the link that has this one as its own or as a further name. */
export function linkName(netlink: Netlink, name: string): string | undefined {
  const found = findLink(netlink, name);
  return found === undefined
    ? undefined
    : textOf(parseAttributes(found.body, LINK_HEADER_LENGTH).get(LINK.ifname));
}

/** `undefined` if the link does not exist or has no alias. */
export function readAlias(netlink: Netlink, name: string): string | undefined {
  const found = findLink(netlink, name);
  return found === undefined
    ? undefined
    : textOf(parseAttributes(found.body, LINK_HEADER_LENGTH).get(LINK.alias));
}
