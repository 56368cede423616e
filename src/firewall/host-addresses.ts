import type { Context } from '../sys/context.ts';
import { formatAddress } from '../input/address.ts';
import { fromBytes } from '../input/address-bytes.ts';
import { readAddresses } from '../sys/netlink/address-requests.ts';
import { openNetlink, PROTOCOL } from '../sys/netlink/netlink.ts';
import { DYNAMIC_SIZE } from './sets.ts';
import type { Element } from './table.ts';

/** Only the host itself reaches 127.0.0.0/8 and ::1, by lo (chains.ts). */
function isLoopback(text: string): boolean {
  return text.startsWith('127.') || text === '::1';
}

/** Leaves room for addresses learned from packets. */
const LIMIT = DYNAMIC_SIZE - 4096;

/** The host's present addresses, as elements of their sets. */
export function hostAddressElements(ctx: Pick<Context, 'trace'>): readonly Element[] {
  using netlink = openNetlink(PROTOCOL.route, ctx);
  const present = readAddresses(netlink);
  const texts = (list: readonly Buffer[]) => [
    ...new Set(list.map((bytes) => formatAddress(fromBytes(bytes)))),
  ];
  const own = texts(present.map(({ address }) => address)).filter((text) => !isLoopback(text));
  const broadcasts = texts(present.flatMap(({ broadcast }) => broadcast ?? []));
  return [
    ...own.slice(0, LIMIT).map((key): Element => ({ set: key.includes(':') ? 'local6' : 'local4', key })),
    // A link with a /31 or /32 may have its own address as broadcast address.
    ...broadcasts.filter((key) => !own.includes(key)).map((key): Element => ({ set: 'broadcast4', key })),
  ];
}
