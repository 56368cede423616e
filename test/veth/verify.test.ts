import { describe, expect, it } from 'vitest';
import type { LinkInfo } from '../../src/sys/process/ip.ts';
import type { KernelRoute } from '../../src/sys/link-info.ts';
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
const PLAIN = { table: 254, metric: 0, scope: 0, link: 2, mtu: undefined, advmss: undefined, gw: undefined };
const ROUTES: readonly KernelRoute[] = [
  { ...PLAIN, dst: '0.0.0.0/0', gw: '10.87.1.1' },
  { ...PLAIN, dst: '192.0.2.1/32' },
];
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
      verifyAttachment(EXPECTED, { ...SEEN, inside, routes: [...ROUTES, { ...PLAIN, dst: '10.0.0.0/8' }] }),
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
      { ...SEEN, routes: [{ ...PLAIN, dst: '0.0.0.0/0', gw: '10.87.1.9' }, ...ROUTES.slice(1)] },
      'Route to 0.0.0.0/0',
    ],
    [
      'the default route is that of another interface',
      { ...SEEN, routes: [{ ...PLAIN, dst: '0.0.0.0/0', gw: '10.87.1.1', link: 3 }, ...ROUTES.slice(1)] },
      'Route to 0.0.0.0/0 via 10.87.1.1 is gone',
    ],
    [
      'the default route is in another table',
      { ...SEEN, routes: [{ ...PLAIN, dst: '0.0.0.0/0', gw: '10.87.1.1', table: 100 }, ...ROUTES.slice(1)] },
      'Route to 0.0.0.0/0 via 10.87.1.1 is gone',
    ],
    ['a host route is gone', { ...SEEN, routes: ROUTES.slice(0, 1) }, 'Route to 192.0.2.1/32 is gone'],
  ])('says so when %s', (_what, seen, sentence) => {
    expect(verifyAttachment(EXPECTED, seen).join('\n')).toContain(sentence);
  });
});

describe('a route with fields', () => {
  const dst = '198.51.100.0/24';
  const asked = { dst, gw: '10.87.1.9', table: 50, priority: 7, scope: 0, mtu: 65_535, advmss: 1200 };
  const made = { ...PLAIN, ...asked, metric: 7, mtu: 65_520 };
  const found = (route: object, seen: KernelRoute) =>
    verifyAttachment({ ...EXPECTED, routes: [{ ...asked, ...route }] }, { ...SEEN, routes: [seen] });

  it('is there when every one is as the kernel keeps it', () => {
    expect(found({}, made)).toEqual([]);
  });

  it.each([{ metric: 8 }, { scope: 200 }, { mtu: 1300 }, { advmss: undefined }])('differs by %j', (field) => {
    expect(found({}, { ...made, ...field })).toEqual([
      'Route to 198.51.100.0/24 via 10.87.1.9 in table 50 has another priority, scope, mtu or advmss than it was created with',
    ]);
  });

  it('is gone when it is in another table, unless nobody knows in which it was made', () => {
    const elsewhere = { ...made, table: 254 };
    expect(found({}, elsewhere)).toEqual([
      'Route to 198.51.100.0/24 via 10.87.1.9 in table 50 is gone from the sandbox',
    ]);
    expect(found({ isInAnyTable: true }, elsewhere)).toEqual([]);
  });

  it('of IPv6 may stand behind another network that had the metric', () => {
    const route = { dst: '2001:db8::/32', gw: 'fd00::1', priority: 7 };
    const seen = { ...PLAIN, dst: route.dst, gw: route.gw };
    const verify = (metric: number) =>
      verifyAttachment({ ...EXPECTED, routes: [route] }, { ...SEEN, routes: [{ ...seen, metric }] });
    expect([verify(8), verify(6).length]).toEqual([[], 1]);
  });
});
