import { FAMILY } from './libc.ts';
import { bytesOf } from '../input/address-bytes.ts';

/*
 * Addresses for bind(2) and connect(2). The family is in host byte order, little-endian on every architecture with Node
 * binaries; port and address are in network byte order.
 */

const PORT_AT = 2;
const IPV4 = { length: 16, addressAt: 4 } as const;
const IPV6 = { length: 28, addressAt: 8 } as const;

/** `sockaddr_in` or `sockaddr_in6`, by the family of the address. */
export function internetAddress(address: string, port: number): Buffer {
  const bytes = bytesOf(address);
  const { length, addressAt } = bytes.length === 4 ? IPV4 : IPV6;
  const encoded = Buffer.alloc(length);
  encoded.writeUInt16LE(bytes.length === 4 ? FAMILY.inet : FAMILY.inet6);
  encoded.writeUInt16BE(port, PORT_AT);
  bytes.copy(encoded, addressAt);
  return encoded;
}

/** `sockaddr_un` of a socket with a path. */
export function unixAddress(path: string): Buffer {
  const family = Buffer.alloc(2);
  family.writeUInt16LE(FAMILY.unix);
  return Buffer.concat([family, Buffer.from(`${path}\0`)]);
}
