import { parseAddress, parseCidr, type Address } from '../input/address.ts';
import { configError } from './errors.ts';
import {
  describePool,
  describeSpan,
  describeSubnet,
  hostsOf,
  isAssignable,
  rangeOf,
  spanContains,
} from './range.ts';
import type { Allocation, AllocateRequest, Pool, Range, RangeSet } from './types.ts';

export interface RequestedAddress {
  readonly range: Range;
  readonly value: bigint;
}

export interface SetRequest {
  readonly request: AllocateRequest;
  readonly set: RangeSet;
  readonly requested: RequestedAddress | undefined;
  /** The attachment's own earlier entries: their addresses are preferred. */
  readonly replaced: readonly Allocation[];
}

/**
 * One entry per range set, undefined if none of its addresses is requested.
 * @throws IpamError `config` for an address that fits no set or cannot be a container's.
 */
export function assignRequests(
  pool: Pool,
  requested: readonly string[],
): readonly (RequestedAddress | undefined)[] {
  const result = new Array<RequestedAddress | undefined>(pool.sets.length).fill(undefined);
  for (const text of requested) {
    const address = parseRequested(text);
    const homes = pool.sets.flatMap((set, index) => {
      const range = rangeOf(set, address);
      return range === undefined ? [] : [{ index, set, range }];
    });
    const home = homes.find(({ index }) => result[index] === undefined);
    if (home === undefined) {
      const hint =
        homes.length === 0
          ? `network "${pool.network}" has addresses in ${describePool(pool)}`
          : `network "${pool.network}" gives one address per range set, and more are requested`;
      throw configError('ips', text, hint);
    }
    refuseUnassignable(text, address, home);
    result[home.index] = { range: home.range, value: address.value };
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

interface Home {
  readonly set: RangeSet;
  readonly range: Range;
}

function refuseUnassignable(text: string, { value }: Address, { set, range }: Home): void {
  const inSubnet = set.filter((one) => spanContains(one.subnet, value));
  if (inSubnet.every((one) => isAssignable(one, value))) return;
  const hosts = describeSpan(hostsOf(range.subnet, range.family), range.family);
  const what = inSubnet.some((one) => one.gateway === value)
    ? `it is the gateway of ${describeSubnet(range)}`
    : inSubnet.some((one) => one.exclude.some((span) => spanContains(span, value)))
      ? 'it is excluded by ipam.exclude'
      : `it is the network or broadcast address of ${describeSubnet(range)}`;
  throw configError('ips', text, `${what}; ask for another of ${hosts}`);
}
