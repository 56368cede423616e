import { describe, expect, test } from 'vitest';
import { narrowPool, poolAddress } from '../../conformance/pool.ts';

describe('narrowPool()', () => {
  test('cuts a subnet down to the addresses from the tenth on', () => {
    const plugin = { type: 'x', ipam: { type: 'host-local', subnet: '10.1.0.0/16' } };

    expect(narrowPool(plugin, 2)).toEqual({
      type: 'x',
      ipam: { type: 'host-local', subnet: '10.1.0.0/16', rangeStart: '10.1.0.10', rangeEnd: '10.1.0.11' },
    });
  });

  test('cuts the first range set down to its first range, and leaves the others', () => {
    const six = [{ subnet: 'fd00::/64' }];
    const plugin = {
      type: 'x',
      ipam: { ranges: [[{ subnet: '10.1.2.0/24', gateway: '10.1.2.1' }, { subnet: '10.9.0.0/24' }], six] },
    };

    expect(narrowPool(plugin, 1)?.ipam).toEqual({
      ranges: [
        [{ subnet: '10.1.2.0/24', gateway: '10.1.2.1', rangeStart: '10.1.2.10', rangeEnd: '10.1.2.10' }],
        six,
      ],
    });
  });

  test.each([
    [{ type: 'x' }],
    [{ type: 'x', ipam: {} }],
    [{ type: 'x', ipam: { ranges: [[{ subnet: 'fd00::/64' }]] } }],
    [{ type: 'x', ipam: { subnet: '10.1.0.0/30' } }],
  ])('has nothing to cut in %j', (plugin) => {
    expect(narrowPool(plugin, 1)).toBeUndefined();
  });
});

describe('poolAddress()', () => {
  test('names the addresses of the narrowed pool, over the end of a byte', () => {
    const plugin = { type: 'x', ipam: { subnet: '10.1.0.250/24' } };

    expect([0, 5].map((index) => poolAddress(plugin, index))).toEqual(['10.1.1.4/24', '10.1.1.9/24']);
    const ranges = { type: 'x', ipam: { ranges: [[{ subnet: '10.1.0.0/16' }]] } };
    expect(poolAddress(ranges, 0)).toBe('10.1.0.10/16');
  });
});
