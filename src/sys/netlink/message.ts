/*
 * Netlink messages (netlink(7)): a header, a fixed part that depends on the type, and attributes, each preceded by its
 * length and type and padded to a multiple of four bytes. Numbers are in host byte order, which is little-endian on all
 * that flatnet is built for, unless netfilter says otherwise.
 */

/** In bytes. */
export const HEADER_LENGTH = 16;
const ATTRIBUTE_HEADER_LENGTH = 4;
/** The upper bits of an attribute's type are flags: NLA_F_NESTED, NLA_F_NET_BYTEORDER. */
const TYPE_MASK = 0x3fff;
const NESTED = 0x8000;

/** Rounds up to a multiple of four. */
export function align(length: number): number {
  return (length + 3) & ~3;
}

/*
 * Not Buffer's own methods: the first use of each compiles it and its argument checks, 0.7 ms for those that a call
 * would need.
 */

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = value >>> 8;
}

export function put32(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, value & 0xffff);
  put16(bytes, at + 2, value >>> 16);
}

function read16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

/** Unsigned. */
export function read32(bytes: Uint8Array, at: number): number {
  return (read16(bytes, at) | (read16(bytes, at + 2) << 16)) >>> 0;
}

/** Empty without a value. */
export function attribute(type: number, value: Uint8Array | undefined): readonly Buffer[] {
  if (value === undefined) return [];
  const length = ATTRIBUTE_HEADER_LENGTH + value.length;
  const bytes = Buffer.alloc(align(length));
  put16(bytes, 0, length);
  put16(bytes, 2, type);
  bytes.set(value, ATTRIBUTE_HEADER_LENGTH);
  return [bytes];
}

export function nest(type: number, attributes: readonly Uint8Array[]): readonly Buffer[] {
  return attribute(type | NESTED, Buffer.concat(attributes));
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  put32(bytes, 0, value);
  return bytes;
}

/** In network byte order, as in netfilter. */
export function be32(value: number): Buffer {
  return Buffer.from([value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]);
}

/** From network byte order; 0 for an absent attribute. */
export function numberOf(value: Buffer | undefined): number {
  return [...(value ?? [])].reduce((sum, byte) => sum * 256 + byte, 0);
}

/** Zero-terminated. */
export function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

/** The header without its length. */
export interface Header {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
}

export function frame({ type, flags, sequence }: Header, body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(align(HEADER_LENGTH + body.length));
  put32(bytes, 0, HEADER_LENGTH + body.length);
  put16(bytes, 4, type);
  put16(bytes, 6, flags);
  put32(bytes, 8, sequence);
  bytes.set(body, HEADER_LENGTH);
  return bytes;
}

export interface Message extends Header {
  readonly body: Buffer;
}

export function parseMessages(datagram: Buffer): readonly Message[] {
  const messages: Message[] = [];
  for (let at = 0; at + HEADER_LENGTH <= datagram.length;) {
    const length = read32(datagram, at);
    if (length < HEADER_LENGTH) break;
    messages.push({
      type: read16(datagram, at + 4),
      flags: read16(datagram, at + 6),
      sequence: read32(datagram, at + 8),
      body: datagram.subarray(at + HEADER_LENGTH, at + length),
    });
    at += align(length);
  }
  return messages;
}

/** In order, each with its type. */
function listAttributes(bytes: Buffer, from: number): readonly (readonly [type: number, value: Buffer])[] {
  const found: [number, Buffer][] = [];
  for (let at = from; at + ATTRIBUTE_HEADER_LENGTH <= bytes.length;) {
    const length = read16(bytes, at);
    if (length < ATTRIBUTE_HEADER_LENGTH) break;
    found.push([
      read16(bytes, at + 2) & TYPE_MASK,
      bytes.subarray(at + ATTRIBUTE_HEADER_LENGTH, at + length),
    ]);
    at += align(length);
  }
  return found;
}

/** Of several attributes of one type, the last. */
export function parseAttributes(bytes: Buffer, from = 0): ReadonlyMap<number, Buffer> {
  return new Map(listAttributes(bytes, from));
}

export function parseList(bytes: Buffer): readonly Buffer[] {
  return listAttributes(bytes, 0).map(([, value]) => value);
}

/** Drops the terminating zero; `undefined` for an absent attribute. */
export function textOf(value: Buffer | undefined): string | undefined {
  if (value === undefined) return undefined;
  const end = value.indexOf(0);
  return value.toString('utf8', 0, end === -1 ? value.length : end);
}
