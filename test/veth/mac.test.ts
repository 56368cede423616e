import { describe, expect, it } from 'vitest';
import { isOwnBridge, macForBridge } from '../../src/bridge/mac.ts';
import { macForAddress, macForHostIfname } from '../../src/veth/mac.ts';

describe('macForAddress()', () => {
  it('holds the IPv4 address, so that the address keeps its MAC when it changes hands', () => {
    expect(macForAddress('10.87.1.2')).toBe('0a:58:0a:57:01:02');
    expect(macForAddress('255.0.0.255')).toBe('0a:58:ff:00:00:ff');
  });

  it('differs between IPv6 addresses', () => {
    expect(macForAddress('fd00::1')).not.toBe(macForAddress('fd00::2'));
  });

  it.each([
    macForAddress('fd00::1'),
    macForHostIfname('fn0000000000000'),
    macForAddress('10.0.0.1'),
    macForBridge('flatnet-br0', 'boot'),
  ])('%s is a unicast, locally administered MAC', (mac) => {
    expect(mac).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
    expect(parseInt(mac.slice(0, 2), 16) & 3).toBe(2);
  });
});

describe('macForHostIfname()', () => {
  it('sorts above that of every NIC, and of taps of virtual machines', () => {
    const port = macForHostIfname('fn0000000000000');
    for (const other of ['00:15:5d:00:00:01', 'fc:ff:ff:ff:ff:ff', 'fe:54:00:ff:ff:ff']) {
      expect(port > other).toBe(true);
    }
  });
});

describe('macForBridge()', () => {
  it('is that of no address, and tells the bridge from one made by hand', () => {
    const address = macForBridge('flatnet-br0', 'boot');
    expect(isOwnBridge({ address })).toBe(true);
    for (const other of [macForAddress('10.0.0.1'), macForAddress('fd00::1'), macForHostIfname('fn0')]) {
      expect(isOwnBridge({ address: other })).toBe(false);
    }
  });

  it('differs between bridges and between hosts, and is the same for one that is made again', () => {
    const macs = [macForBridge('br0', 'boot'), macForBridge('br1', 'boot'), macForBridge('br0', 'other')];
    expect(new Set(macs).size).toBe(3);
    expect(macForBridge('br0', 'boot')).toBe(macs[0]);
  });
});
