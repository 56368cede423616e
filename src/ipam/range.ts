import { formatAddress, type Address, type Family } from '../input/address.ts';
import type { Pool, Range, RangeSet, Span } from './types.ts';

/** Whether the value lies in the span; both ends count. */
export function spanContains(span: Span, value: bigint): boolean {
  return span.first <= value && value <= span.last;
}

/** Whether two spans of one family share an address. */
export function spansOverlap(one: Span, other: Span): boolean {
  return one.first <= other.last && other.first <= one.last;
}

/**
 * The addresses a host may have in a subnet. IPv4 loses network and broadcast address, IPv6 the subnet-router anycast
 * address (RFC 4291 §2.6.1); point-to-point subnets lose none (IPv4 /31: RFC 3021, IPv6 /127: RFC 6164).
 */
export function hostsOf(subnet: Range['subnet'], family: Family): Span {
  if (subnet.last - subnet.first < 2n) {
    return { first: subnet.first, last: subnet.last };
  }
  return { first: subnet.first + 1n, last: family === 4 ? subnet.last - 1n : subnet.last };
}

/** The range of a set whose subnet an address lies in. */
export function rangeOf(set: RangeSet, address: Address): Range | undefined {
  return set.find((range) => range.family === address.family && spanContains(range.subnet, address.value));
}

/** Whether an attachment may ever have this address of the range: a host address, not the gateway, not excluded. */
export function isAssignable(range: Range, value: bigint): boolean {
  return (
    spanContains(hostsOf(range.subnet, range.family), value) &&
    value !== range.gateway &&
    !range.exclude.some((span) => spanContains(span, value))
  );
}

/** Whether the address is handed out without being asked for. */
export function isDynamic(range: Range, value: bigint): boolean {
  return spanContains(range.dynamic, value) && isAssignable(range, value);
}

/** The addresses that are handed out without being asked for, in numeric order. */
export function* dynamicValues(range: Range): Generator<bigint> {
  const hosts = hostsOf(range.subnet, range.family);
  const first = range.dynamic.first > hosts.first ? range.dynamic.first : hosts.first;
  const last = range.dynamic.last < hosts.last ? range.dynamic.last : hosts.last;
  for (let value = first; value <= last; value += 1n) {
    const skip = range.exclude.find((span) => spanContains(span, value));
    if (skip !== undefined) value = skip.last;
    else if (value !== range.gateway) yield value;
  }
}

/** `10.87.1.2-10.87.1.254`, for messages. */
export function describeSpan(span: Span, family: Family): string {
  return `${formatAddress({ family, value: span.first })}-${formatAddress({ family, value: span.last })}`;
}

/** The dynamic parts of a range set, for messages. */
export function describeSet(set: RangeSet): string {
  return set.map((range) => describeSpan(range.dynamic, range.family)).join(', ');
}

/** `10.87.1.0/24`. */
export function describeSubnet(range: Range): string {
  return `${formatAddress({ family: range.family, value: range.subnet.first })}/${range.subnet.prefix}`;
}

/** `10.87.1.1/24`; `undefined` for a range without a gateway. */
export function describeGateway({ family, gateway, subnet }: Range): string | undefined {
  return gateway === undefined ? undefined : `${formatAddress({ family, value: gateway })}/${subnet.prefix}`;
}

/** Every subnet of the pool, for messages. */
export function describePool(pool: Pool): string {
  return pool.sets.flat().map(describeSubnet).join(', ');
}
