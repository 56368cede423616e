import { fnv1a64 } from './hash.ts';

/** The bytes of a number, the lowest last: `0a:57:01:02`. */
export function hexBytes(value: bigint, bytes: number): string {
  const hex = value
    .toString(16)
    .padStart(bytes * 2, '0')
    .slice(-bytes * 2);
  return hex.match(/../g)?.join(':') ?? hex;
}

/** A MAC whose first two bytes are given (`0a:58`) and whose other four follow from a text. */
export function hashedMac(prefix: string, text: string): string {
  return `${prefix}:${hexBytes(fnv1a64(text), 4)}`;
}
