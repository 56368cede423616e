import { describe, expect, it } from 'vitest';
import { macForAddress, macForHostIfname } from '../../src/veth/mac.ts';

describe('macForAddress()', () => {
  it('holds the IPv4 address, so that the address keeps its MAC when it changes hands', () => {
    expect(macForAddress('10.87.1.2')).toBe('0a:58:0a:57:01:02');
    expect(macForAddress('255.0.0.255')).toBe('0a:58:ff:00:00:ff');
  });

  it('differs between IPv6 addresses', () => {
    expect(macForAddress('fd00::1')).not.toBe(macForAddress('fd00::2'));
  });

  it.each([macForAddress('fd00::1'), macForHostIfname('fn0000000000000'), macForAddress('10.0.0.1')])(
    '%s is a unicast, locally administered MAC',
    (mac) => {
      expect(mac).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
      expect(parseInt(mac.slice(0, 2), 16) & 3).toBe(2);
    },
  );
});
