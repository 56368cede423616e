import { describe, expect, it } from 'vitest';
import { verifyBridge } from '../../src/bridge/verify.ts';
import type { LinkInfo } from '../../src/sys/process/ip.ts';

const EXPECTED = { name: 'br0', mac: '0A:58:0A:57:01:01', gateways: ['10.87.1.1/24'] };
const SEEN: LinkInfo = {
  ifname: 'br0',
  ifindex: 2,
  flags: ['UP'],
  mtu: 1500,
  address: '0a:58:0a:57:01:01',
  linkinfo: { info_kind: 'bridge' },
  addr_info: [{ family: 'inet', local: '10.87.1.1', prefixlen: 24, scope: 'global' }],
};

describe('verifyBridge()', () => {
  it('finds nothing wrong with an intact bridge', () => {
    expect(verifyBridge(EXPECTED, SEEN)).toEqual([]);
  });

  it.each([
    ['gone', undefined, 'Bridge "br0" is gone'],
    ['no bridge', { ...SEEN, linkinfo: { info_kind: 'veth' } }, '"br0" is no longer a bridge'],
    ['down', { ...SEEN, flags: [] }, 'Bridge "br0" is down'],
    ['of another MAC', { ...SEEN, address: '02:00:00:00:00:01' }, 'Bridge "br0" has MAC 02:00:00:00:00:01'],
    [
      'without its gateway',
      { ...SEEN, addr_info: [] },
      'Bridge "br0" lacks its gateway address 10.87.1.1/24',
    ],
  ])('says so when it is %s', (_what, seen, sentence) => {
    expect(verifyBridge(EXPECTED, seen).join('\n')).toContain(sentence);
  });
});
