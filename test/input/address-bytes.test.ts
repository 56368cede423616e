import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsOf, parseAddress } from '../../src/input/address.ts';
import { fromBytes, toBytes } from '../../src/input/address-bytes.ts';

describe('the bytes of an address', () => {
  it.each([
    ['10.87.1.2', '0a570102'],
    ['0.0.0.0', '00000000'],
    ['255.255.255.255', 'ffffffff'],
    ['::', '0'.repeat(32)],
    ['fd00:87::9', 'fd000087000000000000000000000009'],
  ])('of %s are %s', (address, hex) => {
    expect(toBytes(parseAddress(address)!).toString('hex')).toBe(hex);
  });

  it.each([4, 6] as const)('are as many as the family has, and are the address again, in IPv%i', (family) => {
    const bits = BigInt(bitsOf(family));
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << bits) - 1n }), (value) => {
        const bytes = toBytes({ family, value });
        expect(bytes).toHaveLength(Number(bits) / 8);
        expect(fromBytes(bytes)).toEqual({ family, value });
      }),
    );
  });
});
