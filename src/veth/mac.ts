import { fnv1a64 } from '../sys/hash.ts';

function hexBytes(value: bigint, bytes: number): string {
  const hex = value
    .toString(16)
    .padStart(bytes * 2, '0')
    .slice(-bytes * 2);
  return hex.match(/../g)?.join(':') ?? hex;
}

/**
 * The MAC of an address: `0a:58` (locally administered, the prefix CNI plugins use) and the four bytes of an IPv4
 * address, or a hash of an IPv6 one. An address that changes hands thus keeps its MAC, and no neighbour table on
 * the network can be stale.
 */
export function macForAddress(address: string): string {
  const parts = address.split('.');
  if (parts.length === 4) {
    const value = parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
    return `0a:58:${hexBytes(value, 4)}`;
  }
  return `0a:58:${hexBytes(fnv1a64(address), 4)}`;
}

/** The MAC of a host end, from its name: locally administered, apart from those of addresses. */
export function macForHostIfname(name: string): string {
  return `0e:58:${hexBytes(fnv1a64(name), 4)}`;
}
