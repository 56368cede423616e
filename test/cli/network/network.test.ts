import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { byAddress } from '../../../src/cli/facts/networks.ts';
import { gatewaysOf, sizeOf, subnetsOf } from '../../../src/cli/facts/pools.ts';
import { firstOverlap, freeBridge } from '../../../src/attachment/choose-subnet.ts';
import { defaultGateway, freeSubnet } from '../../../src/cli/network/choose.ts';
import { inspectConflist, parseConflist } from '../../../src/cni/conflist.ts';
import { conflistText, DEFAULT_NETWORK } from '../../../src/cli/network/template.ts';

const EXAMPLE = readFileSync(join(import.meta.dirname, '../../../examples/flatnet.conflist'), 'utf8');

function confOf(text: string) {
  const file = parseConflist(text, '/x.conflist');
  if (file.kind !== 'flatnet') throw new Error('not a network of type flatnet');
  return file.conf;
}

test('what install writes is the example', () => {
  expect(conflistText(DEFAULT_NETWORK)).toBe(EXAMPLE);
});

test('parseConflist() reads the example as the plugin does', () => {
  expect(parseConflist(EXAMPLE, '/etc/cni/net.d/flatnet.conflist')).toMatchObject({
    kind: 'flatnet',
    name: 'flatnet',
    cniVersion: '1.0.0',
    capabilities: ['portMappings', 'ips', 'mac', 'aliases'],
    conf: { bridge: 'flatnet-br0', ipMasq: true },
  });
  expect(subnetsOf(confOf(EXAMPLE))).toEqual(['10.87.1.0/24']);
  expect(gatewaysOf(confOf(EXAMPLE))).toEqual(['10.87.1.1/24']);
  expect(sizeOf(confOf(EXAMPLE))).toBe(253n);
});

test('parseConflist() takes a sysctl of the interface, as the plugin does', () => {
  const plugin = { type: 'flatnet', sysctl: { 'net.ipv4.conf.IFNAME.forwarding': '1' } };
  const text = JSON.stringify({ cniVersion: '1.0.0', name: 'n', plugins: [plugin] });
  expect(inspectConflist(text, '/n.conflist').kind).toBe('flatnet');
});

test('inspectConflist() tells other plugins from files nobody can read', () => {
  expect(inspectConflist('{"name":"p","plugins":[{"type":"bridge"}]}', '/p.conflist').kind).toBe('other');
  expect(inspectConflist('{"name":"p","plugins":[]}', '/p.conflist')).toMatchObject({
    kind: 'broken',
    isOurs: false,
  });
  expect(inspectConflist('{', '/flatnet.conflist')).toMatchObject({ kind: 'broken', isOurs: true });
  expect(inspectConflist(EXAMPLE.replace('"flatnet-br0"', '7'), '/n.conflist')).toMatchObject({
    kind: 'broken',
    isOurs: true,
    problem: { message: expect.stringContaining('"bridge"') },
  });
});

test('sizeOf() is that of the smallest range set, exclusions left out', () => {
  const ranges = [[{ subnet: '10.87.1.0/29', exclude: ['10.87.1.2'] }], [{ subnet: 'fd00:87::/64' }]];
  const text = JSON.stringify({
    cniVersion: '1.0.0',
    name: 'n',
    plugins: [{ type: 'flatnet', ipam: { ranges } }],
  });
  expect(sizeOf(confOf(text))).toBe(4n);
});

test('byAddress() sorts by number, IPv4 first', () => {
  const sorted = ['fd00::2', '10.87.1.10', '10.87.1.9'].map((address) => ({ address })).toSorted(byAddress);
  expect(sorted.map(({ address }) => address)).toEqual(['10.87.1.9', '10.87.1.10', 'fd00::2']);
});

test('freeSubnet() passes over what routes and networks have', () => {
  expect(freeSubnet(['default', '192.168.1.0/24'])).toBe('10.87.1.0/24');
  expect(freeSubnet(['10.87.0.0/22'])).toBe('10.87.4.0/24');
  expect(() => freeSubnet(['10.0.0.0/8'])).toThrow('all taken');
});

test('firstOverlap() compares within a family, and no default route', () => {
  expect(firstOverlap('10.87.1.0/24', ['0.0.0.0/0', 'fd00::/8', '10.87.1.77'])).toBe('10.87.1.77');
});

test('defaultGateway() is the first address a host may have', () => {
  expect([defaultGateway('10.87.2.0/24'), defaultGateway('fd00:87::/64')]).toEqual([
    '10.87.2.1',
    'fd00:87::1',
  ]);
  expect(() => defaultGateway('10.87.2')).toThrow('expected a CIDR');
});

test('freeBridge() counts on', () => {
  expect(freeBridge(['flatnet-br0', 'eth0', 'flatnet-br2'])).toBe('flatnet-br1');
});
