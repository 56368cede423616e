export type Family = 4 | 6;

/** A numeric address: comparing and counting are arithmetic. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

/** An address with a prefix length; the host bits may be set. */
export interface Cidr extends Address {
  readonly prefix: number;
}

/** Family of the text of an address or CIDR that is known to be one. */
export function familyOf(text: string): Family {
  return text.includes(':') ? 6 : 4;
}

/** Splits the text of an address from its prefix length, which is empty where there is none. */
export function splitPrefix(text: string): { readonly address: string; readonly prefix: string } {
  const [address = '', prefix = ''] = text.split('/');
  return { address, prefix };
}

/** The address of a text that may have a prefix length; `undefined` for none. */
export function withoutPrefix(text: string | undefined): string | undefined {
  return text === undefined ? undefined : splitPrefix(text).address;
}

export function bitsOf(family: Family): number {
  return family === 4 ? 32 : 128;
}

/**
 * As strict as Go's net.ParseIP, which the reference plugins use: no leading zeros in IPv4 (they could be octal or
 * decimal), no zone, no surrounding space. Returns `undefined` for any other text.
 */
export function parseAddress(text: string): Address | undefined {
  if (familyOf(text) === 4) {
    const value = parseIPv4(text);
    return value === undefined ? undefined : { family: 4, value: BigInt(value) };
  }
  const value = parseIPv6(text);
  return value === undefined ? undefined : { family: 6, value };
}

/** Dotted quad, or RFC 5952: lower case, and the longest run of zeros shortened, the first of equals. */
export function formatAddress(address: Address): string {
  return address.family === 4 ? formatIPv4(Number(address.value)) : formatIPv6(address.value);
}

/** Parses `address/prefix`; `undefined` for any other text. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) {
    return undefined;
  }
  const address = parseAddress(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (
    address === undefined ||
    !/^(0|[1-9]\d{0,2})$/.test(length) ||
    Number(length) > bitsOf(address.family)
  ) {
    return undefined;
  }
  return { ...address, prefix: Number(length) };
}

/** First and last address of the CIDR's network. */
export function networkOf(cidr: Cidr): { readonly first: bigint; readonly last: bigint } {
  const hostBits = BigInt(bitsOf(cidr.family) - cidr.prefix);
  const first = (cidr.value >> hostBits) << hostBits;
  return { first, last: first + (1n << hostBits) - 1n };
}

function parseIPv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) {
    return undefined;
  }
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) {
      return undefined;
    }
    value = value * 256 + Number(part);
  }
  return value;
}

function formatIPv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

function parseIPv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) {
    return undefined;
  }
  const head = groupsOf(halves[0] ?? '', halves.length === 1);
  const tail = groupsOf(halves[1] ?? '', halves.length === 2);
  if (head === undefined || tail === undefined) {
    return undefined;
  }
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) {
    return undefined;
  }
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** 16-bit groups on one side of `::`; a dotted quad is allowed only at the end of the address. */
function groupsOf(text: string, atEnd: boolean): number[] | undefined {
  if (text === '') {
    return [];
  }
  const parts = text.split(':');
  const last = parts.at(-1) ?? '';
  const groups: number[] = [];
  if (last.includes('.')) {
    const quad = atEnd ? parseIPv4(last) : undefined;
    if (quad === undefined) {
      return undefined;
    }
    parts.pop();
    groups.push(quad >>> 16, quad & 0xffff);
  }
  if (!parts.every((part) => /^[0-9a-f]{1,4}$/i.test(part))) {
    return undefined;
  }
  return [...parts.map((part) => parseInt(part, 16)), ...groups];
}

function formatIPv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((value >> BigInt(112 - 16 * index)) & 0xffffn),
  );
  const run = longestZeroRun(groups);
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (run.length < 2) {
    return text(groups);
  }
  return `${text(groups.slice(0, run.start))}::${text(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let index = 0; index <= groups.length; index += 1) {
    if (groups[index] === 0) {
      continue;
    }
    if (index - start > best.length) {
      best = { start, length: index - start };
    }
    start = index + 1;
  }
  return best;
}
