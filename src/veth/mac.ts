import { hashedMac, hexBytes } from '../sys/hashed-mac.ts';

/*
 * What the first two bytes of a MAC say, all of them locally administered and unicast: 0a:58 an address, fe:ff a host
 * end, 06:58 a bridge (bridge/mac.ts). So no two kinds of interface share a MAC.
 */
const OF_ADDRESS = '0a:58';
const OF_HOST_END = 'fe:ff';

/**
 * The MAC of an address: `0a:58` (the prefix CNI plugins use) and the four bytes of an IPv4 address, or a hash of an
 * IPv6 one. An address that changes hands thus keeps its MAC, and no neighbour table on the network can be stale.
 */
export function macForAddress(address: string): string {
  const parts = address.split('.');
  if (parts.length === 4) {
    const value = parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
    return `${OF_ADDRESS}:${hexBytes(value, 4)}`;
  }
  return hashedMac(OF_ADDRESS, address);
}

/** Whether `macForAddress` can have made it. */
export function isMacOfAddress(mac: string): boolean {
  return mac.startsWith(OF_ADDRESS);
}

/**
 * The MAC of a host end, from its name. A bridge without a MAC of its own has the lowest one of its ports, as memcmp(3)
 * orders them (the kernel's br_stp_recalculate_bridge_id): above that of every real NIC and of libvirt's taps (`fe:54`),
 * a host end leaves a bridge made by hand the MAC that the LAN knows.
 */
export function macForHostIfname(name: string): string {
  return hashedMac(OF_HOST_END, name);
}
