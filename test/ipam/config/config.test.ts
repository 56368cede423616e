import { describe, expect, it } from 'vitest';
import { parsePool } from '../../../src/ipam/config/config.ts';
import { describePool, describeSet } from '../../../src/ipam/range.ts';
import { caught } from '../fixtures.ts';

const parse = (ipam?: unknown, ipRanges?: unknown) => parsePool({ network: 'n', ipam, ipRanges });
const range = (extra: object) => ({ subnet: '10.2.0.0/24', ...extra });

describe('parsePool()', () => {
  it.each([undefined, {}, { type: 'flatnet' }, { ranges: [] }, { subnet: null }])(
    'gives a network that configures nothing 10.87.1.0/24 (%j)',
    (ipam) => {
      const pool = parse(ipam);
      expect(describePool(pool)).toBe('10.87.1.0/24');
      expect(pool.sets[0]?.[0]?.gateway).toBe(0x0a570101n);
    },
  );

  it('puts the sets in the order of host-local: ipRanges, then subnet, then ranges', () => {
    const ipam = { subnet: '10.2.0.0/24', ranges: [[{ subnet: '10.3.0.0/24' }]] };
    const pool = parse(ipam, [[{ subnet: '10.1.0.0/24' }]]);
    expect(pool.sets.map((set) => set[0]?.subnet.first)).toEqual([0x0a010000n, 0x0a020000n, 0x0a030000n]);
  });

  it('takes gateway, rangeStart and rangeEnd', () => {
    const ipam = range({ gateway: '10.2.0.254', rangeStart: '10.2.0.10', rangeEnd: '10.2.0.20' });
    expect(parse(ipam).sets[0]?.[0]).toMatchObject({
      gateway: 0x0a0200fen,
      dynamic: { first: 0x0a02000an, last: 0x0a020014n },
    });
  });

  it('takes null and empty texts for what was not set', () => {
    const empty = { gateway: '', rangeStart: null, rangeEnd: '', exclude: null };
    const ipam = { ...range(empty), ranges: [[{ ...empty, subnet: '10.3.0.0/24' }]], reservations: null };
    expect(parse(ipam)).toEqual(parse({ ...range({}), ranges: [[{ subnet: '10.3.0.0/24' }]] }));
    expect(parse(range({}), null)).toEqual(parse(range({})));
  });

  it('handles a point-to-point subnet: gateway first, container second', () => {
    expect(parse({ subnet: '10.2.0.0/31' }).sets[0]?.[0]).toMatchObject({
      gateway: 0x0a020000n,
      dynamic: { first: 0x0a020000n, last: 0x0a020001n },
    });
    expect(parse({ subnet: 'fd00::2/127' }).sets[0]?.[0]?.gateway).toBe((0xfd00n << 112n) + 2n);
  });

  it('sorts excluded addresses, networks and spans into the ranges they lie in', () => {
    const pool = parse({
      ranges: [[{ subnet: '10.2.0.0/24' }], [{ subnet: 'fd00::/64', exclude: ['fd00::5'] }]],
      exclude: ['10.2.0.9', '10.2.0.16/28', '10.2.0.40-10.2.0.50', 'fd00::1000/120'],
    });
    expect(pool.sets[0]?.[0]?.exclude).toEqual([
      { first: 0x0a020009n, last: 0x0a020009n },
      { first: 0x0a020010n, last: 0x0a02001fn },
      { first: 0x0a020028n, last: 0x0a020032n },
    ]);
    expect(pool.sets[1]?.[0]?.exclude).toHaveLength(2);
  });

  it('writes reserved addresses in their canonical form', () => {
    const pool = parse({
      ranges: [[{ subnet: '10.2.0.0/24' }], [{ subnet: 'fd00::/64' }]],
      reservations: { web: ['10.2.0.5', 'FD00::0:5'], db: '10.2.0.6' },
    });
    expect(pool.reservations).toEqual({ web: ['10.2.0.5', 'fd00::5'], db: ['10.2.0.6'] });
  });

  it('allows two parts of one subnet', () => {
    const parts = [range({ rangeEnd: '10.2.0.99' }), range({ rangeStart: '10.2.0.200' })];
    expect(describeSet(parse({ ranges: [parts] }).sets[0]!)).toBe(
      '10.2.0.1-10.2.0.99, 10.2.0.200-10.2.0.254',
    );
  });

  it.each<[unknown, string, string, string]>([
    ['x', 'ipam', '"x"', 'object'],
    [[], 'ipam', '[]', 'object'],
    [{ subnet: 24 }, 'ipam.subnet', '24', 'text'],
    [{ subnet: '10.2.0.0' }, 'ipam.subnet', '"10.2.0.0"', '"10.87.1.0/24"'],
    [
      { subnet: '10.2.0.5/24' },
      'ipam.subnet',
      '"10.2.0.5/24"',
      'host bits set; the network is "10.2.0.0/24"',
    ],
    [{ subnet: '10.2.0.0/32' }, 'ipam.subnet', '"10.2.0.0/32"', '/31 or larger'],
    [{ subnet: 'fd00::/128' }, 'ipam.subnet', '"fd00::/128"', '/127 or larger'],
    [{ subnet: '127.0.0.0/16' }, 'ipam.subnet', '"127.0.0.0/16"', 'loopback'],
    [{ subnet: '224.1.0.0/16' }, 'ipam.subnet', '"224.1.0.0/16"', 'multicast'],
    [{ subnet: '0.0.0.0/0' }, 'ipam.subnet', '"0.0.0.0/0"', '0.0.0.0/8'],
    [{ subnet: 'ff02::/64' }, 'ipam.subnet', '"ff02::/64"', 'multicast'],
    [
      { subnet: '::ffff:10.0.0.0/120' },
      'ipam.subnet',
      '"::ffff:10.0.0.0/120"',
      'IPv4 addresses written as IPv6',
    ],
    [range({ gateway: '10.3.0.1' }), 'ipam.gateway', '"10.3.0.1"', '10.2.0.0/24'],
    [range({ gateway: '10.2.0.0' }), 'ipam.gateway', '"10.2.0.0"', 'network or broadcast'],
    [range({ gateway: 'fd00::1' }), 'ipam.gateway', '"fd00::1"', '10.2.0.0/24'],
    [range({ gateway: true }), 'ipam.gateway', 'true', 'text'],
    [range({ rangeStart: '10.2.1.0' }), 'ipam.rangeStart', '"10.2.1.0"', '10.2.0.0/24'],
    [range({ rangeEnd: 'x' }), 'ipam.rangeEnd', '"x"', '10.2.0.0/24'],
    [
      range({ rangeStart: '10.2.0.9', rangeEnd: '10.2.0.8' }),
      'ipam.rangeStart',
      '"10.2.0.9"',
      'above rangeEnd',
    ],
    [{ gateway: '10.3.0.1' }, 'ipam.gateway', '"10.3.0.1"', '10.87.1.0/24'],
    [{ gateway: '10.3.0.1', ranges: [[range({})]] }, 'ipam.gateway', '"10.3.0.1"', 'ipam.subnet'],
    [{ ranges: {} }, 'ipam.ranges', '{}', 'list of range sets'],
    [{ ranges: [{}] }, 'ipam.ranges[0]', '{}', 'list of ranges'],
    [{ ranges: [[]] }, 'ipam.ranges[0]', '[]', 'at least one range'],
    [{ ranges: [[3]] }, 'ipam.ranges[0][0]', '3', 'object'],
    [{ ranges: [[{}]] }, 'ipam.ranges[0][0].subnet', '(absent)', '"10.87.1.0/24"'],
    [{ ranges: [[range({}), { subnet: 'fd00::/64' }]] }, 'ipam.ranges[0]', '', 'different families'],
    [{ ranges: [[range({})], [range({})]] }, 'ipam.ranges', '', 'overlap'],
    [{ ranges: [[range({})], [{ subnet: '10.2.0.0/16' }]] }, 'ipam.ranges', '', 'overlap'],
    [range({ exclude: '10.2.0.5' }), 'ipam.exclude', '"10.2.0.5"', 'list'],
    [range({ exclude: ['10.2.0.x'] }), 'ipam.exclude[0]', '"10.2.0.x"', 'span'],
    [range({ exclude: ['10.2.0.9-10.2.0.8'] }), 'ipam.exclude[0]', '"10.2.0.9-10.2.0.8"', 'span'],
    [range({ exclude: ['10.3.0.1'] }), 'ipam.exclude[0]', '"10.3.0.1"', 'no subnet'],
    [range({ exclude: ['10.2.0.0/24'] }), 'ipam.ranges', '"10.2.0.0/24"', 'no address for a container'],
    [range({ rangeEnd: '10.2.0.1' }), 'ipam.ranges', '"10.2.0.0/24"', 'no address for a container'],
    [range({ allowOverlap: 'yes' }), 'ipam.allowOverlap', '"yes"', 'true or false'],
    [range({ reservations: [] }), 'ipam.reservations', '[]', 'object'],
    [range({ reservations: { web: 5 } }), 'ipam.reservations["web"]', '5', 'text'],
    [range({ reservations: { web: '10.3.0.1' } }), 'ipam.reservations["web"]', '"10.3.0.1"', 'subnet'],
    [range({ reservations: { web: '10.2.0.1' } }), 'ipam.reservations["web"]', '"10.2.0.1"', 'gateway'],
    [
      range({ reservations: { a: '10.2.0.9', b: ['10.2.0.9'] } }),
      'ipam.reservations["b"][0]',
      '"10.2.0.9"',
      'for "a"',
    ],
  ])('names what is wrong with %j', (ipam, key, value, hint) => {
    const error = caught(() => parse(ipam));
    expect(error).toMatchObject({ kind: 'config', key });
    expect(error.value).toContain(value);
    expect(error.message).toContain(`Cannot use ${key} `);
    expect(error.message).toContain(hint);
  });

  it('names runtimeConfig.ipRanges too', () => {
    expect(caught(() => parse({}, [[{ subnet: 'x' }]])).key).toBe('runtimeConfig.ipRanges[0][0].subnet');
  });
});
