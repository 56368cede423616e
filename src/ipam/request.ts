import { parseAddress, parseCidr, type Address } from '../input/address.ts';
import { configError } from './errors.ts';
import { describePool, describeSubnet, describeSpan, hostsOf, isAssignable, spanContains } from './range.ts';
import type { Pool, Range, RangeSet } from './types.ts';

/** A requested address and the range whose subnet it lies in. */
export interface Wanted {
  readonly range: Range;
  readonly value: bigint;
}

/**
 * Distributes requested addresses over the range sets, one each, by the subnet they lie in.
 *
 * @returns one entry per range set, undefined where nothing was asked of it.
 * @throws IpamError of kind `config` for an address that fits nowhere or cannot be a container's.
 */
export function assignRequests(pool: Pool, requested: readonly string[]): readonly (Wanted | undefined)[] {
  const result = new Array<Wanted | undefined>(pool.sets.length).fill(undefined);
  for (const text of requested) {
    const address = parseRequested(text);
    const homes = [...pool.sets.entries()].filter(([, set]) => rangeFor(set, address) !== undefined);
    const free = homes.find(([index]) => result[index] === undefined);
    if (free === undefined) {
      const hint =
        homes.length === 0
          ? `network "${pool.network}" has addresses in ${describePool(pool)}`
          : `network "${pool.network}" gives one address per range set, and more are requested`;
      throw configError('ips', text, hint);
    }
    const [index, set] = free;
    const range = rangeFor(set, address);
    if (range !== undefined) {
      result[index] = { range: assignableRange(set, { text, address, range }), value: address.value };
    }
  }
  return result;
}

function parseRequested(text: string): Address {
  const address = parseAddress(text) ?? parseCidr(text);
  if (address === undefined) {
    throw configError('ips', text, 'an IPv4 or IPv6 address is needed');
  }
  return { family: address.family, value: address.value };
}

function rangeFor(set: RangeSet, address: Address): Range | undefined {
  return set.find((range) => range.family === address.family && spanContains(range.subnet, address.value));
}

function assignableRange(set: RangeSet, wanted: { text: string; address: Address; range: Range }): Range {
  const { text, address, range } = wanted;
  const inSubnet = set.filter((one) => spanContains(one.subnet, address.value));
  if (!inSubnet.every((one) => isAssignable(one, address.value))) {
    const hosts = describeSpan(hostsOf(range.subnet, range.family), range.family);
    const what = inSubnet.some((one) => one.gateway === address.value)
      ? `it is the gateway of ${describeSubnet(range)}`
      : inSubnet.some((one) => one.exclude.some((span) => spanContains(span, address.value)))
        ? 'it is excluded by ipam.exclude'
        : `it is the network or broadcast address of ${describeSubnet(range)}`;
    throw configError('ips', text, `${what}; ask for another of ${hosts}`);
  }
  return range;
}
