import { type Address, bitsOf, parseAddress } from './address.ts';

/** An address as the kernel takes it: 4 or 16 bytes, the first one first. */
export function toBytes({ family, value }: Address): Buffer {
  const digits = bitsOf(family) / 4;
  return Buffer.from(value.toString(16).padStart(digits, '0'), 'hex');
}

/** The address that 4 or 16 bytes are. */
export function fromBytes(bytes: Buffer): Address {
  return { family: bytes.length === 4 ? 4 : 6, value: BigInt(`0x${bytes.toString('hex')}`) };
}

/** The bytes of an address that was checked when it was read. */
export function bytesOf(text: string): Buffer {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`"${text}" is no address`);
  return toBytes(address);
}
