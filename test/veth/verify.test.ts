import { describe, expect, it } from 'vitest';
import type { LinkInfo } from '../../src/sys/ip.ts';
import { verifyAttachment } from '../../src/veth/verify.ts';

const EXPECTED = {
  ifname: 'eth0',
  mac: '0A:58:0a:57:01:02',
  hostIfname: 'fn1',
  hostMac: undefined,
  bridge: 'br0',
  addresses: ['10.87.1.2/24', 'FD00:0:0::2/64'],
  routes: [{ dst: '0.0.0.0/0', gw: '10.87.1.1' }, { dst: '192.0.2.1/32' }],
};

const INSIDE: LinkInfo = {
  ifname: 'eth0',
  ifindex: 2,
  link_index: 9,
  flags: ['UP'],
  mtu: 1500,
  address: '0a:58:0a:57:01:02',
  linkinfo: { info_kind: 'veth' },
  addr_info: [
    { family: 'inet', local: '10.87.1.2', prefixlen: 24, scope: 'global' },
    { family: 'inet6', local: 'fd00::2', prefixlen: 64, scope: 'global' },
  ],
};
const HOST: LinkInfo = { ifname: 'fn1', ifindex: 9, flags: ['UP'], mtu: 1500, master: 'br0' };
const ROUTES = [{ dst: 'default', gateway: '10.87.1.1' }, { dst: '192.0.2.1' }];
const SEEN = { inside: INSIDE, host: HOST, routes: ROUTES };

describe('verifyAttachment()', () => {
  it('finds nothing wrong with an intact attachment, however addresses are spelled', () => {
    expect(verifyAttachment(EXPECTED, SEEN)).toEqual([]);
  });

  it('tolerates what others added later', () => {
    const inside = {
      ...INSIDE,
      addr_info: [
        ...(INSIDE.addr_info ?? []),
        { family: 'inet' as const, local: '10.9.9.9', prefixlen: 8, scope: 'global' },
      ],
    };
    expect(
      verifyAttachment(EXPECTED, { ...SEEN, inside, routes: [...ROUTES, { dst: '10.0.0.0/8' }] }),
    ).toEqual([]);
  });

  it.each([
    ['the interface is gone', { ...SEEN, inside: undefined }, 'Interface "eth0" in the sandbox is gone'],
    [
      'the interface is down',
      { ...SEEN, inside: { ...INSIDE, flags: [] } },
      'Interface "eth0" in the sandbox is down',
    ],
    [
      'the MAC differs',
      { ...SEEN, inside: { ...INSIDE, address: '02:00:00:00:00:01' } },
      'has MAC 02:00:00:00:00:01',
    ],
    [
      'an address is gone',
      { ...SEEN, inside: { ...INSIDE, addr_info: INSIDE.addr_info?.slice(1) ?? [] } },
      'has lost its address 10.87.1.2/24',
    ],
    [
      'the prefix differs',
      {
        ...SEEN,
        inside: {
          ...INSIDE,
          addr_info: [{ family: 'inet' as const, local: '10.87.1.2', prefixlen: 16, scope: 'global' }],
        },
      },
      'has lost its address 10.87.1.2/24',
    ],
    ['the host end is gone', { ...SEEN, host: undefined }, 'Host link "fn1" is gone'],
    [
      'the host end left the bridge',
      { ...SEEN, host: { ifname: 'fn1', ifindex: 9, flags: ['UP'], mtu: 1500 } },
      'is in no bridge',
    ],
    [
      'the host end is in another bridge',
      { ...SEEN, host: { ...HOST, master: 'br9' } },
      'is in "br9", not in "br0"',
    ],
    ['the host end is down', { ...SEEN, host: { ...HOST, flags: [] } }, 'Host link "fn1" is down'],
    ['the two are no pair', { ...SEEN, host: { ...HOST, ifindex: 10 } }, 'is not the other end of "fn1"'],
    [
      'the default route is gone',
      { ...SEEN, routes: ROUTES.slice(1) },
      'Route to 0.0.0.0/0 via 10.87.1.1 is gone',
    ],
    [
      'the default route goes elsewhere',
      { ...SEEN, routes: [{ dst: 'default', gateway: '10.87.1.9' }, ...ROUTES.slice(1)] },
      'Route to 0.0.0.0/0',
    ],
    ['a host route is gone', { ...SEEN, routes: ROUTES.slice(0, 1) }, 'Route to 192.0.2.1/32 is gone'],
  ])('says so when %s', (_what, seen, sentence) => {
    expect(verifyAttachment(EXPECTED, seen).join('\n')).toContain(sentence);
  });
});
