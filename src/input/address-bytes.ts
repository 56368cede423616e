import { type Address, bitsOf, parseAddress } from './address.ts';

/** 4 or 16 bytes in network order, as the kernel takes them. */
export function toBytes({ family, value }: Address): Buffer {
  const digits = bitsOf(family) / 4;
  return Buffer.from(value.toString(16).padStart(digits, '0'), 'hex');
}

/** From 4 or 16 bytes in network order. */
export function fromBytes(bytes: Buffer): Address {
  return { family: bytes.length === 4 ? 4 : 6, value: BigInt(`0x${bytes.toString('hex')}`) };
}

/** For a text that has been validated before; any other is a programming error. */
export function bytesOf(text: string): Buffer {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`"${text}" is no address`);
  return toBytes(address);
}
