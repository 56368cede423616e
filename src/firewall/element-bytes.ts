import { formatAddress, networkOf, parseCidr } from '../input/address.ts';
import { bytesOf, fromBytes, toBytes } from '../input/address-bytes.ts';
import { macBytes } from '../sys/netlink/link-requests.ts';
import { align, textOf } from '../sys/netlink/message.ts';
import type { ElementBytes, SetChange } from '../sys/netlink/element-messages.ts';
import { type FieldType, type SetName, typeOf } from './sets.ts';
import { bySet, type Element, tableOf } from './table.ts';

/* In the kernel's form, each part of a concatenation fills whole registers of four bytes, padded with zeros. */

const IFNAME_LENGTH = 16;
const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132 };

function service(text: string): Uint8Array {
  const port = Number(text);
  return Uint8Array.of(port >> 8, port & 0xff);
}

/** nft's text quotes link names. */
function linkName(text: string): Uint8Array {
  const bytes = Buffer.alloc(IFNAME_LENGTH);
  bytes.write(text.replaceAll('"', ''));
  return bytes;
}

/** One end of a subnet; a single address is both. */
function address(text: string, end: 'first' | 'last'): Uint8Array {
  const cidr = parseCidr(text);
  if (cidr !== undefined) return toBytes({ family: cidr.family, value: networkOf(cidr)[end] });
  return bytesOf(text);
}

const ENCODERS: Readonly<Record<FieldType, (text: string, end: 'first' | 'last') => Uint8Array>> = {
  inet_proto: (text) => Uint8Array.of(PROTOCOLS[text] ?? 0),
  inet_service: service,
  ipv4_addr: address,
  ipv6_addr: address,
  ifname: linkName,
  ether_addr: macBytes,
  '@th,64,128': (text) => Buffer.from(text.slice('0x'.length), 'hex'),
};

function padded(bytes: Uint8Array): Uint8Array {
  const result = Buffer.alloc(align(bytes.length));
  result.set(bytes);
  return result;
}

function encode(text: string, types: readonly FieldType[], end: 'first' | 'last' = 'first'): Buffer {
  const parts = text.split(' . ');
  return Buffer.concat(types.map((type, index) => padded(ENCODERS[type](parts[index] ?? '', end))));
}

/** The owner becomes the comment. */
export function encodeElement({ set, key, value, owner }: Element): ElementBytes {
  const type = typeOf(set);
  return {
    key: encode(key, type.key),
    keyEnd: type.flags === 'interval' ? encode(key, type.key, 'last') : undefined,
    value: value === undefined || type.value === undefined ? undefined : encode(value, type.value),
    comment: owner,
  };
}

/** In bytes, without padding. */
const LENGTHS: Readonly<Record<FieldType, number>> = {
  inet_proto: 1,
  inet_service: 2,
  ipv4_addr: 4,
  ipv6_addr: 16,
  ifname: IFNAME_LENGTH,
  ether_addr: 6,
  '@th,64,128': 16,
};

function protocolName(bytes: Buffer): string {
  return Object.keys(PROTOCOLS).find((name) => PROTOCOLS[name] === bytes[0]) ?? String(bytes[0]);
}

/** nft writes a subnet of one address without a prefix. */
function decodeSpan(first: Buffer, last: Buffer): string {
  const { family, value } = fromBytes(first);
  const text = formatAddress({ family, value });
  const hostBits = (fromBytes(last).value - value).toString(2).replace('0', '').length;
  return hostBits === 0 ? text : `${text}/${first.length * 8 - hostBits}`;
}

const DECODERS: Readonly<Record<FieldType, (first: Buffer, last: Buffer) => string>> = {
  inet_proto: protocolName,
  inet_service: (bytes) => String(((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)),
  ipv4_addr: decodeSpan,
  ipv6_addr: decodeSpan,
  ifname: (bytes) => `"${textOf(bytes) ?? ''}"`,
  ether_addr: (bytes) => bytes.toString('hex').match(/../g)?.join(':') ?? '',
  '@th,64,128': (bytes) => `0x${bytes.toString('hex')}`,
};

function decode(types: readonly FieldType[], first: Uint8Array, last: Uint8Array): string {
  let at = 0;
  const parts = types.map((type) => {
    const end = at + LENGTHS[type];
    const [one, other] = [Buffer.from(first.subarray(at, end)), Buffer.from(last.subarray(at, end))];
    at += align(LENGTHS[type]);
    return DECODERS[type](one, other);
  });
  return parts.join(' . ');
}

export function decodeElement(set: SetName, { key, keyEnd, value, comment }: ElementBytes): Element {
  const type = typeOf(set);
  return {
    set,
    key: decode(type.key, key, keyEnd ?? key),
    ...(value === undefined || type.value === undefined ? {} : { value: decode(type.value, value, value) }),
    ...(comment === undefined ? {} : { owner: comment }),
  };
}

/** There may be thousands; the log names only these first. */
const NAMED = 8;

function nameSome(elements: readonly Element[]): string {
  const keys = elements.slice(0, NAMED).map(({ key }) => key);
  if (elements.length > NAMED) keys.push(`... ${elements.length} in all`);
  return keys.join(', ');
}

/** Grouped by set; `verb` is nft's, for the log. */
export function encodeChanges(elements: readonly Element[], verb: 'add' | 'delete'): readonly SetChange[] {
  return [...bySet(elements)].map(([set, own]) => ({
    table: tableOf(set),
    set,
    elements: own.map((element) => encodeElement(verb === 'add' ? element : { set, key: element.key })),
    line: `${verb} element ${tableOf(set)} ${set} { ${nameSome(own)} }`,
  }));
}
