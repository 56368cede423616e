import { describe, expect, it } from 'vitest';
import { fnv1a64 } from '../../src/sys/hash.ts';

describe('fnv1a64()', () => {
  it.each([
    ['', 0xcbf29ce484222325n],
    ['a', 0xaf63dc4c8601ec8cn],
    ['foobar', 0x85944171f73967e8n],
  ])('of %j is the published value', (text, hash) => {
    expect(fnv1a64(text)).toBe(hash);
  });
});
