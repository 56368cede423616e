import { formatAddress } from '../ipam/address.ts';
import { fromBytes } from '../ipam/address-bytes.ts';
import { readAddresses } from '../sys/address-requests.ts';
import { openNetlink, PROTOCOL } from '../sys/netlink.ts';
import type { Element } from './table.ts';

/** 127.0.0.0/8 and ::1 are reached by the host alone, by lo (chains.ts). */
function isLoopback(text: string): boolean {
  return text.startsWith('127.') || text === '::1';
}

/** Elements of the sets `local4` and `local6`: all addresses that the host has now. */
export function hostAddressElements(): readonly Element[] {
  using netlink = openNetlink(PROTOCOL.route);
  const addresses = readAddresses(netlink).map((bytes) => formatAddress(fromBytes(bytes)));
  return [...new Set(addresses)]
    .filter((text) => !isLoopback(text))
    .map((text) => ({ set: text.includes(':') ? 'local6' : 'local4', key: text }));
}
