import { type Address, networkOf, parseAddress, parseCidr } from '../../input/address.ts';

/** ::ffff:0:0/96: an IPv4 client as a socket of both families reports it. */
const MAPPED = 0xffffn;

/** The address that a socket or a proxy reports, without zone, IPv4 as itself; `undefined` for any other text. */
export function clientAddress(text: string | undefined): Address | undefined {
  const address = parseAddress((text ?? '').trim().split('%')[0] ?? '');
  if (address?.family === 6 && address.value >> 32n === MAPPED) {
    return { family: 4, value: address.value & 0xffffffffn };
  }
  return address;
}

export function isLoopback({ family, value }: Address): boolean {
  return family === 4 ? value >> 24n === 127n : value === 1n;
}

/** @param ranges CIDRs or single addresses; other texts hold nothing. */
export function isWithin(client: Address, ranges: readonly string[]): boolean {
  return ranges.some((range) => {
    const single = parseAddress(range);
    if (single !== undefined) return single.family === client.family && single.value === client.value;
    const cidr = parseCidr(range);
    if (cidr?.family !== client.family) return false;
    const { first, last } = networkOf(cidr);
    return client.value >= first && client.value <= last;
  });
}

/** The one of our addresses that shares the longest prefix with the client's, so most likely the one it can reach. */
export function nearestOwn(client: Address | undefined, own: readonly string[]): string | undefined {
  const usable = own.filter((text) => {
    const address = parseAddress(text);
    return (
      address !== undefined &&
      !isLoopback(address) &&
      (client === undefined || address.family === client.family)
    );
  });
  const distance = (text: string): bigint => (parseAddress(text)?.value ?? 0n) ^ (client?.value ?? 0n);
  if (client === undefined) return usable[0];
  return [...usable].sort((left, right) => (distance(left) < distance(right) ? -1 : 1))[0];
}
