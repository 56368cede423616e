import { formatAddress, type Address, type Family } from '../input/address.ts';
import type { Pool, Range, RangeSet, Span } from './types.ts';

export function spanContains(span: Span, value: bigint): boolean {
  return span.first <= value && value <= span.last;
}

/** For spans of one family. */
export function spansOverlap(one: Span, other: Span): boolean {
  return one.first <= other.last && other.first <= one.last;
}

/**
 * Assignable addresses: IPv4 without network and broadcast address, IPv6 without the subnet-router anycast address (RFC
 * 4291 §2.6.1), but all of a point-to-point subnet (IPv4 /31: RFC 3021, IPv6 /127: RFC 6164).
 */
export function hostsOf(subnet: Range['subnet'], family: Family): Span {
  if (subnet.last - subnet.first < 2n) {
    return { first: subnet.first, last: subnet.last };
  }
  return { first: subnet.first + 1n, last: family === 4 ? subnet.last - 1n : subnet.last };
}

export function rangeOf(set: RangeSet, address: Address): Range | undefined {
  return set.find((range) => range.family === address.family && spanContains(range.subnet, address.value));
}

/** Whether the address may be assigned at all: a host address, not the gateway, not excluded. */
export function isAssignable(range: Range, value: bigint): boolean {
  return (
    spanContains(hostsOf(range.subnet, range.family), value) &&
    value !== range.gateway &&
    !range.exclude.some((span) => spanContains(span, value))
  );
}

/** Whether the address may be allocated without a request. */
export function isDynamic(range: Range, value: bigint): boolean {
  return spanContains(range.dynamic, value) && isAssignable(range, value);
}

/** The addresses that may be allocated without a request, in numeric order. */
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

export function describeSet(set: RangeSet): string {
  return set.map((range) => describeSpan(range.dynamic, range.family)).join(', ');
}

export function describeSubnet(range: Range): string {
  return `${formatAddress({ family: range.family, value: range.subnet.first })}/${range.subnet.prefix}`;
}

/** `10.87.1.1/24`; `undefined` for a range without a gateway. */
export function describeGateway({ family, gateway, subnet }: Range): string | undefined {
  return gateway === undefined ? undefined : `${formatAddress({ family, value: gateway })}/${subnet.prefix}`;
}

export function describePool(pool: Pool): string {
  return pool.sets.flat().map(describeSubnet).join(', ');
}
