import { describe, expect, it } from 'vitest';
import { type BridgeSpec, planCreation, planRepair } from '../../src/bridge/plan.ts';
import type { LinkInfo } from '../../src/sys/process/ip.ts';

const SPEC: BridgeSpec = {
  name: 'br0',
  mac: '06:58:0a:57:01:01',
  mtu: 1500,
  gateways: [{ family: 4, address: '10.87.1.1', prefix: 24 }],
  forceAddress: false,
  promiscMode: false,
};

function bridge(...cidrs: string[]): LinkInfo {
  return {
    ifname: 'br0',
    ifindex: 3,
    flags: ['UP'],
    mtu: 1500,
    linkinfo: { info_kind: 'bridge' },
    addr_info: cidrs.map((cidr) => {
      const [local = '', prefix] = cidr.split('/');
      return {
        family: local.includes(':') ? 'inet6' : 'inet',
        local,
        prefixlen: Number(prefix),
        scope: 'global',
      };
    }),
  };
}

describe('planCreation()', () => {
  it('fixes the MAC, which would else change with the ports', () => {
    expect(planCreation(SPEC)[0]).toBe('link add name br0 address 06:58:0a:57:01:01 type bridge');
  });

  it('sets the MTU afterwards, so that the kernel keeps it when the last port leaves', () => {
    expect(planCreation(SPEC).slice(1)).toEqual(['link set dev br0 mtu 1500']);
  });
});

describe('planRepair()', () => {
  it('does nothing to a bridge that is right', () => {
    expect(planRepair(SPEC, bridge('10.87.1.1/24'))).toEqual([]);
  });

  it('puts a wrong MTU right before all else, and leaves that of a bridge made by hand', () => {
    const wrong = { ...bridge(), mtu: 1000 };
    expect(planRepair(SPEC, wrong)[0]).toBe('link set dev br0 mtu 1500');
    expect(planRepair({ ...SPEC, mtu: undefined }, wrong)).toEqual([
      'address add 10.87.1.1/24 brd + dev br0',
    ]);
  });

  it('gives a bare bridge its address and brings it up', () => {
    expect(planRepair(SPEC, { ...bridge(), flags: [] })).toEqual([
      'address add 10.87.1.1/24 brd + dev br0',
      'link set dev br0 up',
    ]);
  });

  it('refuses a bridge with another address, naming both and the remedy', () => {
    expect(() => planRepair(SPEC, bridge('10.1.0.1/16'))).toThrow(
      expect.objectContaining({
        message: 'Bridge "br0" has address 10.1.0.1/16, the network wants 10.87.1.1/24',
        // The host itself may have that address: nothing here is to be pasted.
        remedy: expect.stringMatching(/^give the network another "bridge", or set "forceAddress"(?!.* del )/),
      }),
    );
  });

  it('takes the same address with another prefix for another address', () => {
    expect(() => planRepair(SPEC, bridge('10.87.1.1/16'))).toThrow(/has address 10.87.1.1\/16/);
  });

  it('replaces other addresses when forceAddress says so', () => {
    expect(planRepair({ ...SPEC, forceAddress: true }, bridge('10.1.0.1/16'))).toEqual([
      'address del 10.1.0.1/16 dev br0',
      'address add 10.87.1.1/24 brd + dev br0',
    ]);
  });

  it('adds an IPv6 gateway beside others, without waiting for duplicate address detection', () => {
    const spec: BridgeSpec = { ...SPEC, gateways: [{ family: 6, address: 'fd00::1', prefix: 64 }] };
    expect(planRepair(spec, bridge('fd99::1/64'))).toEqual(['address add fd00::1/64 dev br0 nodad']);
  });

  it('refuses an IPv6 address of the same subnet, or replaces it where forceAddress says so', () => {
    const spec: BridgeSpec = { ...SPEC, gateways: [{ family: 6, address: 'fd00::1', prefix: 64 }] };
    expect(() => planRepair(spec, bridge('fd99::1/64', 'fd00::5/64'))).toThrow(
      'Bridge "br0" has address fd00::5/64, the network wants fd00::1/64',
    );
    expect(planRepair({ ...spec, forceAddress: true }, bridge('fd99::1/64', 'fd00::5/64'))).toEqual([
      'address del fd00::5/64 dev br0',
      'address add fd00::1/64 dev br0 nodad',
    ]);
  });

  it('refuses a link that is no bridge, saying what it is', () => {
    const dummy = { ...bridge(), linkinfo: { info_kind: 'macvlan' } };
    expect(() => planRepair(SPEC, dummy)).toThrow(/"br0" exists but is not a bridge \(it is a macvlan\)/);
  });

  it('puts the gateways of one network beside each other, forced or not', () => {
    const siblings = ['10.87.1.1/24', '10.88.1.1/24'];
    for (const forceAddress of [false, true]) {
      expect(planRepair({ ...SPEC, siblings, forceAddress }, bridge('10.88.1.1/24'))).toEqual([
        'address add 10.87.1.1/24 brd + dev br0',
      ]);
    }
    expect(() => planRepair({ ...SPEC, siblings }, bridge('10.88.1.1/24', '10.1.0.1/16'))).toThrow(
      'Bridge "br0" has address 10.1.0.1/16, the network wants 10.87.1.1/24',
    );
  });

  it('turns promiscuous mode on once', () => {
    const spec = { ...SPEC, promiscMode: true };
    expect(planRepair(spec, bridge('10.87.1.1/24'))).toEqual(['link set dev br0 promisc on']);
    expect(planRepair(spec, { ...bridge('10.87.1.1/24'), flags: ['UP', 'PROMISC'] })).toEqual([]);
  });
});
