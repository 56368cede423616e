import { familyOf } from '../input/address.ts';
import { bytesOf } from '../input/address-bytes.ts';
import { isPlain, type Kernel } from '../sys/kernel.ts';
import type { Device, Neighbour } from '../sys/link-info.ts';
import { type Netlink, type NetlinkRequest, requestIfThere } from '../sys/netlink/netlink.ts';
import { macBytes } from '../sys/netlink/link-requests.ts';
import { attribute, type Message, parseAttributes, put32, u32 } from '../sys/netlink/message.ts';

/*
 * Lookups in the neighbour table and in a bridge's forwarding database (rtnetlink(7), <linux/neighbour.h>). Kernels
 * before 5.0 can only list them and refuse these requests, which counts as no entry.
 */

const GET_NEIGHBOUR = 30;
/** Length of `struct ndmsg`. */
const HEADER_LENGTH = 12;
const FAMILY = { 4: 2, 6: 10, bridge: 7 } as const;
const ATTRIBUTE = { address: 1, mac: 2, bridge: 9 } as const;
/** REACHABLE, STALE, DELAY, PROBE and PERMANENT: the neighbour answered once, or was entered by hand. */
const ANSWERED = 0x02 | 0x04 | 0x08 | 0x10 | 0x80;
const PERMANENT = 0x80;

function header(family: number, link: number): Buffer {
  const bytes = Buffer.alloc(HEADER_LENGTH);
  bytes[0] = family;
  put32(bytes, 4, link);
  return bytes;
}

/** Any refusal counts as no entry: its code differs between the tables. */
function lookUp(netlink: Netlink, what: NetlinkRequest): Message | undefined {
  return requestIfThere(netlink, what, () => true)?.[0];
}

/** The neighbour that has an address on a link, as far as the kernel knows. */
export function findNeighbour(kernel: Kernel, link: Device, address: string): Neighbour | undefined {
  if (isPlain(kernel)) return kernel.neighbour(link.name, address);
  const family = FAMILY[familyOf(address)];
  const body = Buffer.concat([header(family, link.index), ...attribute(ATTRIBUTE.address, bytesOf(address))]);
  const found = lookUp(kernel, { line: `neigh get ${address}`, type: GET_NEIGHBOUR, flags: 0, body });
  if (found === undefined) return undefined;
  const state = found.body[8] ?? 0;
  const mac = parseAttributes(found.body, HEADER_LENGTH).get(ATTRIBUTE.mac)?.toString('hex').match(/../g);
  if ((state & ANSWERED) === 0 || mac === undefined || mac === null) return undefined;
  return { mac: mac.join(':'), isPermanent: (state & PERMANENT) !== 0 };
}

/** Whether a MAC is behind a port of a bridge; the kernel forgets it as soon as the port leaves. */
export function isBehindBridge(kernel: Kernel, bridge: Device, mac: string): boolean {
  if (isPlain(kernel)) return kernel.isBehindBridge(bridge.name, mac);
  const body = Buffer.concat([
    header(FAMILY.bridge, 0),
    ...attribute(ATTRIBUTE.mac, macBytes(mac)),
    ...attribute(ATTRIBUTE.bridge, u32(bridge.index)),
  ]);
  const line = `fdb get ${mac}`;
  return lookUp(kernel, { line, type: GET_NEIGHBOUR, flags: 0, body }) !== undefined;
}
