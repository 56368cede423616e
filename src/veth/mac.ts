import { hashedMac, hexBytes } from '../sys/hashed-mac.ts';

/*
 * First two bytes of a MAC, all locally administered and unicast: 0a:58 derived from an address, fe:ff a host end,
 * 06:58 a bridge (bridge/mac.ts). So no two kinds of interface share a MAC.
 */
const OF_ADDRESS = '0a:58';
const OF_HOST_END = 'fe:ff';

/**
 * `0a:58` (the prefix CNI plugins use) and the four bytes of an IPv4 address, or a hash of an IPv6 one. A reassigned
 * address thus keeps its MAC, and no neighbour table can be stale.
 */
export function macForAddress(address: string): string {
  const parts = address.split('.');
  if (parts.length === 4) {
    const value = parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
    return `${OF_ADDRESS}:${hexBytes(value, 4)}`;
  }
  return hashedMac(OF_ADDRESS, address);
}

export function isMacOfAddress(mac: string): boolean {
  return mac.startsWith(OF_ADDRESS);
}

/**
 * A bridge without an explicit MAC takes the lowest one of its ports in the order of memcmp(3) (the kernel's
 * br_stp_recalculate_bridge_id). This prefix is above those of real NICs and of libvirt's taps (`fe:54`), so a host end
 * leaves a bridge made by hand the MAC that the LAN knows.
 */
export function macForHostIfname(name: string): string {
  return hashedMac(OF_HOST_END, name);
}
