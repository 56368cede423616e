import { formatAddress } from '../../input/address.ts';
import { fromBytes } from '../../input/address-bytes.ts';
import type { AddressInfo, LinkInfo } from '../link-info.ts';
import { ADDRESS } from './address-requests.ts';
import { findLink, INFO, LINK, LINK_HEADER_LENGTH } from './link-requests.ts';
import { request, FLAG, type Netlink } from './netlink.ts';
import { type Message, parseAttributes, put32, read32, textOf } from './message.ts';

/* Reads a link without a program. Constants are from <linux/rtnetlink.h>, <linux/if_link.h> and <linux/if_addr.h>. */

const GET_ADDRESS = 22;
const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0x1, 'UP'],
  [0x100, 'PROMISC'],
];
const ADDRESS_HEADER_LENGTH = 8;
const AF_INET = 2;
const NOTHING = Buffer.alloc(0);
const SCOPES: Readonly<Record<number, string>> = { 0: 'global', 200: 'site', 253: 'link', 254: 'host' };

function addressInfo({ body }: Message): AddressInfo {
  const attributes = parseAttributes(body, ADDRESS_HEADER_LENGTH);
  const bytes = attributes.get(ADDRESS.local) ?? attributes.get(ADDRESS.address) ?? Buffer.alloc(4);
  const scope = body[3] ?? 0;
  return {
    family: body[0] === AF_INET ? 'inet' : 'inet6',
    local: formatAddress(fromBytes(bytes)),
    prefixlen: body[1] ?? 0,
    scope: SCOPES[scope] ?? String(scope),
  };
}

/** Filters here too: kernels before 4.20 do not filter by link. */
function addressesOf(netlink: Netlink, { index, name }: { index: number; name: string }) {
  const header = Buffer.alloc(ADDRESS_HEADER_LENGTH);
  put32(header, 4, index);
  const line = `address show dev ${name}`;
  return request(netlink, { line, type: GET_ADDRESS, flags: FLAG.dump, body: header })
    .filter(({ body }) => read32(body, 4) === index)
    .map(addressInfo);
}

/** `undefined` if the link does not exist. */
export function lookAt(netlink: Netlink, name: string): LinkInfo | undefined {
  const found = findLink(netlink, name);
  if (found === undefined) return undefined;
  const { body } = found;
  const [index, flags] = [read32(body, 4), read32(body, 8)];
  const attributes = parseAttributes(body, LINK_HEADER_LENGTH);
  const kind = textOf(parseAttributes(attributes.get(LINK.info) ?? NOTHING).get(INFO.kind));
  const mac = attributes.get(LINK.address)?.toString('hex').match(/../g)?.join(':');
  return {
    ifname: name,
    ifindex: index,
    flags: FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, flag]) => flag),
    mtu: read32(attributes.get(LINK.mtu) ?? NOTHING, 0),
    ...(mac === undefined ? {} : { address: mac }),
    ...(kind === undefined ? {} : { linkinfo: { info_kind: kind } }),
    addr_info: addressesOf(netlink, { index, name }),
  };
}
