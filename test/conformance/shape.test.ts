import { describe, expect, test } from 'vitest';
import { shapeErrors } from '../../conformance/shape.ts';

const modern = {
  cniVersion: '1.0.0',
  interfaces: [
    { name: 'br0', mac: '02:00:00:00:00:01' },
    { name: 'eth0', sandbox: '/run/netns/a' },
  ],
  ips: [{ address: '10.1.0.2/24', gateway: '10.1.0.1', interface: 1 }],
  routes: [{ dst: '0.0.0.0/0' }, { dst: 'fd00::/64', gw: 'fd00::1', mtu: 1400 }],
  dns: { nameservers: ['10.1.0.1'] },
};
const legacy = {
  cniVersion: '0.2.0',
  ip4: { ip: '10.1.0.2/24', gateway: '10.1.0.1', routes: [{ dst: '0.0.0.0/0', gw: '10.1.0.1' }] },
  dns: {},
};

describe('shapeErrors()', () => {
  test('finds nothing wrong with results of their own version, nor with keys of later ones', () => {
    expect(shapeErrors(modern, '1.0.0')).toEqual([]);
    expect(shapeErrors(legacy, '0.2.0')).toEqual([]);
    expect(shapeErrors({ ...modern, later: true }, '1.0.0')).toEqual([]);
    const ips = [{ version: '4', address: '10.1.0.2/24', interface: 1 }];
    expect(shapeErrors({ ...modern, cniVersion: '0.4.0', ips }, '0.4.0')).toEqual([]);
  });

  test.each([
    ['the wrong version', modern, '1.1.0', '"cniVersion" is "1.0.0", wanted "1.1.0"'],
    [
      'the old shape',
      { ...legacy, cniVersion: '1.0.0' },
      '1.0.0',
      'there is "ip4", which went away with 0.3.0',
    ],
    ['no address in the old shape', { cniVersion: '0.1.0' }, '0.1.0', 'there is neither "ip4" nor "ip6"'],
    [
      'the new shape',
      { ...modern, ip4: legacy.ip4, cniVersion: '0.2.0' },
      '0.2.0',
      'there is "ips", which came with 0.3.0',
    ],
    [
      'no interfaces',
      { ...modern, interfaces: undefined },
      '1.0.0',
      '"interfaces" is missing, wanted a list',
    ],
    [
      'no prefix',
      { ...modern, ips: [{ address: '10.1.0.2' }] },
      '1.0.0',
      '"ips[0].address" is "10.1.0.2", wanted an address with its prefix',
    ],
    [
      'an index too far',
      { ...modern, ips: [{ address: '10.1.0.2/24', interface: 2 }] },
      '1.0.0',
      '"ips[0].interface" is 2, wanted an index into the 2 interfaces',
    ],
    [
      'a version that went away',
      { ...modern, ips: [{ address: '10.1.0.2/24', version: '4' }] },
      '1.0.0',
      '"ips[0].version" is "4", wanted absent, it went away with 1.0.0',
    ],
    [
      'a missing version',
      { ...modern, cniVersion: '0.4.0' },
      '0.4.0',
      '"ips[0].version" is missing, wanted "4"',
    ],
    [
      'mixed families',
      { ...modern, routes: [{ dst: '0.0.0.0/0', gw: 'fd00::1' }] },
      '1.0.0',
      '"routes[0].gw" is "fd00::1", wanted an address of the same family',
    ],
    ['no list', null, '1.0.0', 'the result is null, not an object'],
  ])('finds %s', (_, result, version, error) => {
    expect(shapeErrors(result, version)).toContain(error);
  });
});
