import fc from 'fast-check';
import { IPv4, IPv6, collapseIPv6Number } from 'ip-num';
import { describe, expect, it } from 'vitest';
import {
  familyOf,
  formatAddress,
  networkOf,
  parseAddress,
  parseCidr,
  splitPrefix,
} from '../../src/input/address.ts';

describe('parseAddress()', () => {
  it.each([
    ['10.87.1.2', 4, 0x0a570102n],
    ['0.0.0.0', 4, 0n],
    ['255.255.255.255', 4, 0xffffffffn],
    ['::', 6, 0n],
    ['::1', 6, 1n],
    ['fd00::', 6, 0xfd00n << 112n],
    ['FD00:0:0::1', 6, (0xfd00n << 112n) + 1n],
    ['::ffff:10.0.0.1', 6, 0xffff0a000001n],
    ['1:2:3:4:5:6:7:8', 6, 0x00010002000300040005000600070008n],
    ['64:ff9b::192.0.2.1', 6, (0x64ff9bn << 96n) + 0xc0000201n],
  ])('reads %s', (text, family, value) => {
    expect(parseAddress(text)).toEqual({ family, value });
  });

  it.each([
    [
      '',
      '10.87.1',
      '10.87.1.256',
      '10.87.1.02',
      '1e1.0.0.1',
      ' 10.0.0.1',
      '10.0.0.1 ',
      '10.0.0.1/24',
      '10..0.1',
    ],
    [
      ':',
      ':::',
      '1::2::3',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4:5:6:7:8::',
      '::12345',
      'fe80::1%eth0',
    ],
    ['10.0.0.1::', '::10.0.0.1:1', '::10.0.0', ':1::', 'g::', '-1.0.0.0', '::1:', '1:2:3:4:5:6:7:10.0.0.1'],
  ])('refuses what is no address', (...texts) => {
    expect(texts.filter((text) => parseAddress(text) !== undefined)).toEqual([]);
  });

  it('agrees with ip-num on every IPv4 address', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (number) => {
        const text = new IPv4(number).toString();
        expect(parseAddress(text)).toEqual({ family: 4, value: BigInt(number) });
        expect(formatAddress({ family: 4, value: BigInt(number) })).toBe(text);
      }),
    );
  });

  it('agrees with ip-num on every IPv6 address, and reads back what it writes', () => {
    const group = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 0xffffn }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const value = groups.reduce((sum, part) => (sum << 16n) | part, 0n);
        const long = new IPv6(value).toString();
        const text = formatAddress({ family: 6, value });
        expect(parseAddress(long)).toEqual({ family: 6, value });
        expect(parseAddress(collapseIPv6Number(long))).toEqual({ family: 6, value });
        expect(parseAddress(text)).toEqual({ family: 6, value });
        expect(new IPv6(text).getValue()).toBe(value);
      }),
    );
  });
});

describe('formatAddress()', () => {
  it.each([
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['FD00:0:0:0:0:0:0:0', 'fd00::'],
    ['0:0:0:0:0:0:0:0', '::'],
  ])('writes %s as RFC 5952 wants it, %s', (text, canonical) => {
    expect(formatAddress(parseAddress(text)!)).toBe(canonical);
  });
});

describe('parseCidr()', () => {
  it('keeps the host bits', () => {
    expect(parseCidr('10.87.1.5/24')).toEqual({ family: 4, value: 0x0a570105n, prefix: 24 });
  });

  it.each(['10.87.1.0', '10.87.1.0/', '10.87.1.0/33', '10.87.1.0/024', '::/129', 'x/24', '10.87.1.0/-1'])(
    'refuses "%s"',
    (text) => {
      expect(parseCidr(text)).toBeUndefined();
    },
  );
});

describe('networkOf()', () => {
  it('spans from network to broadcast address', () => {
    expect(networkOf(parseCidr('10.87.1.5/30')!)).toEqual({ first: 0x0a570104n, last: 0x0a570107n });
  });
});

describe('familyOf()', () => {
  it('tells the families apart', () => {
    expect(familyOf('10.0.0.0/8')).toBe(4);
    expect(familyOf('::/0')).toBe(6);
  });
});

describe('splitPrefix()', () => {
  it('splits an address from its prefix length, if it has one', () => {
    expect(splitPrefix('10.87.1.2/24')).toEqual({ address: '10.87.1.2', prefix: '24' });
    expect(splitPrefix('fd00::1')).toEqual({ address: 'fd00::1', prefix: '' });
  });
});
