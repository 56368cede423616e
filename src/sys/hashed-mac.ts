import { fnv1a64 } from './hash.ts';

/** Lowest byte last: `0a:57:01:02`. */
export function hexBytes(value: bigint, bytes: number): string {
  const hex = value
    .toString(16)
    .padStart(bytes * 2, '0')
    .slice(-bytes * 2);
  return hex.match(/../g)?.join(':') ?? hex;
}

/** A MAC with two given bytes (`0a:58`) and four from the hash of a text. */
export function hashedMac(prefix: string, text: string): string {
  return `${prefix}:${hexBytes(fnv1a64(text), 4)}`;
}
