import { describe, expect, it } from 'vitest';
import { parseResult } from '../../src/cni/prev-result.ts';
import { firstDns, formatResult } from '../../src/cni/result.ts';
import type { Result } from '../../src/cni/types.ts';
import { SUPPORTED_VERSIONS } from '../../src/cni/version.ts';

const RESULT: Result = {
  interfaces: [
    { name: 'br0', mac: '0a:58:0a:57:01:01' },
    { name: 'eth0', mac: '0a:58:0a:57:01:02', mtu: 1500, sandbox: '/run/netns/x' },
  ],
  ips: [
    { address: '10.87.1.2/24', gateway: '10.87.1.1', interface: 1 },
    { address: 'fd00::2/64', gateway: 'fd00::1', interface: 1 },
  ],
  routes: [{ dst: '0.0.0.0/0', gw: '10.87.1.1', priority: 5 }, { dst: '::/0' }],
  dns: { nameservers: ['10.87.1.1'] },
};

describe('formatResult()', () => {
  it.each(SUPPORTED_VERSIONS)('names version %s', (version) => {
    expect(JSON.parse(formatResult(RESULT, version)).cniVersion).toBe(version);
  });

  it.each(['0.1.0', '0.2.0'] as const)('has ip4 and ip6 with their routes in %s', (version) => {
    expect(JSON.parse(formatResult(RESULT, version))).toEqual({
      cniVersion: version,
      ip4: { ip: '10.87.1.2/24', gateway: '10.87.1.1', routes: [{ dst: '0.0.0.0/0', gw: '10.87.1.1' }] },
      ip6: { ip: 'fd00::2/64', gateway: 'fd00::1', routes: [{ dst: '::/0' }] },
      dns: { nameservers: ['10.87.1.1'] },
    });
  });

  it.each(['0.3.0', '0.3.1', '0.4.0'] as const)('gives each address its family in %s', (version) => {
    const { ips } = JSON.parse(formatResult(RESULT, version));
    expect(ips.map((ip: { version: string }) => ip.version)).toEqual(['4', '6']);
  });

  it('has no family, no route priority and no MTU in 1.0.0', () => {
    const result = JSON.parse(formatResult(RESULT, '1.0.0'));
    expect(result.ips[0]).toEqual(RESULT.ips[0]);
    expect(result.routes[0]).toEqual({ dst: '0.0.0.0/0', gw: '10.87.1.1' });
    expect(result.interfaces[1]).not.toHaveProperty('mtu');
  });

  it('has route priority and MTU in 1.1.0', () => {
    const result = JSON.parse(formatResult(RESULT, '1.1.0'));
    expect(result.routes[0].priority).toBe(5);
    expect(result.interfaces[1].mtu).toBe(1500);
  });

  it('leaves empty resolver settings out', () => {
    expect(JSON.parse(formatResult({ ...RESULT, dns: { search: [] } }, '1.0.0'))).not.toHaveProperty('dns');
  });
});

describe('parseResult()', () => {
  it.each(SUPPORTED_VERSIONS)('reads back addresses, gateways and routes of %s', (version) => {
    const read = parseResult(JSON.parse(formatResult(RESULT, version)), 'the result');
    expect(read.ips.map(({ address, gateway }) => [address, gateway])).toEqual([
      ['10.87.1.2/24', '10.87.1.1'],
      ['fd00::2/64', 'fd00::1'],
    ]);
    expect(read.routes.map(({ dst }) => dst)).toEqual(['0.0.0.0/0', '::/0']);
  });

  it('names what is wrong in a result', () => {
    expect(() => parseResult({ ips: [{ address: 7 }] }, 'prevResult')).toThrow(
      expect.objectContaining({ kind: 'invalid', message: 'Invalid "ips[0].address" in prevResult: 7' }),
    );
  });
});

describe('firstDns()', () => {
  it('takes the first settings that say anything, whole', () => {
    const mine = { search: ['a.test'] };
    const theirs = { nameservers: ['192.0.2.53'] };
    expect(firstDns(mine, theirs)).toEqual(mine);
    expect(firstDns({}, { nameservers: [], domain: '' }, theirs)).toEqual(theirs);
    expect(firstDns({}, undefined)).toEqual({});
  });
});
