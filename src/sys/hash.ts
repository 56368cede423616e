const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const MASK = 0xffffffffffffffffn;

/**
 * FNV-1a, 64 bits, of the UTF-8 bytes. For names only: the caller checks for collisions. Loading node:crypto for a
 * better hash costs 7 ms, a third of the whole start.
 */
export function fnv1a64(text: string): bigint {
  let hash = OFFSET;
  for (const byte of Buffer.from(text, 'utf8')) {
    hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
  }
  return hash;
}
