import { familyOf } from '../input/address.ts';
import { addressesOf, type HostAddress, isPlain, type Kernel } from '../sys/kernel.ts';
import { openNetlink, PROTOCOL } from '../sys/netlink/netlink.ts';
import { DYNAMIC_SIZE } from './sets.ts';
import type { Element } from './table.ts';

/** Only the host itself reaches 127.0.0.0/8 and ::1, through lo (chains.ts). */
function isLoopback(text: string): boolean {
  return text.startsWith('127.') || text === '::1';
}

/** Leaves room for addresses learned from packets. */
const LIMIT = DYNAMIC_SIZE - 4096;

/** Of all links. A netfilter socket cannot read addresses. */
function readAddresses(filter: Kernel): readonly HostAddress[] {
  if (isPlain(filter)) return addressesOf(filter);
  using links = openNetlink(PROTOCOL.route, filter);
  return addressesOf(links);
}

/**
 * The host's current addresses, as elements of their sets.
 * @param filter connection to the packet filter that has the sets.
 */
export function hostAddressElements(filter: Kernel): readonly Element[] {
  const present = readAddresses(filter);
  const own = [...new Set(present.map(({ address }) => address))].filter((text) => !isLoopback(text));
  const broadcasts = [...new Set(present.flatMap(({ broadcast }) => broadcast ?? []))];
  return [
    ...own.slice(0, LIMIT).map((key): Element => ({ set: `local${familyOf(key)}`, key })),
    // A link with a /31 or /32 may have its own address as broadcast address.
    ...broadcasts.filter((key) => !own.includes(key)).map((key): Element => ({ set: 'broadcast4', key })),
  ];
}
