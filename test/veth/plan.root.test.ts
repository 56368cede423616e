import { UNBOUNDED } from '../../src/sys/context.ts';
import { closeSync, openSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createHost, type Host, type Place, type Sandbox } from '../../conformance/host.ts';
import { findLink } from '../../src/sys/netlink/link-requests.ts';
import { request, type NetlinkRequest, PROTOCOL, openNetlink } from '../../src/sys/netlink/netlink.ts';
import {
  type AddressSpec,
  type PairSpec,
  planPair,
  planSandbox,
  type RouteSpec,
} from '../../src/veth/plan.ts';

/*
 * Every request has the words for `ip` that ask for the same. Here both are carried out, each in a place of its own, and
 * what the kernel then has must be the same.
 */

let host: Host;
let ours: Sandbox;
let theirs: Sandbox;

beforeAll(async () => {
  host = await createHost();
});
afterAll(() => host.dispose());
afterEach(async () => {
  await ours.remove();
  await theirs.remove();
});

let places = 0;

/** Two namespaces that are alike, made by lines of `ip`. */
async function makePlaces(lines: readonly string[]): Promise<void> {
  places += 1;
  ours = await host.addSandbox(`ours${places}`);
  theirs = await host.addSandbox(`theirs${places}`);
  for (const place of [ours, theirs]) await run(place, lines);
}

const run = (place: Place, lines: readonly string[]) =>
  place.run(['ip', '-batch', '-'], { input: lines.join('\n') });

/** Makes requests in a namespace, planned with what is there. */
function carryOut(
  place: Sandbox,
  plan: (index: (name: string) => number) => readonly NetlinkRequest[],
): void {
  const netnsFd = openSync(host.file(place.path), 'r');
  try {
    using netlink = openNetlink(PROTOCOL.route, UNBOUNDED, netnsFd);
    const index = (name: string) => findLink(netlink, name)?.body.readInt32LE(4) ?? 0;
    for (const one of plan(index)) request(netlink, one);
  } finally {
    closeSync(netnsFd);
  }
}

/** The number of a namespace, and what depends on when one looks: the kernel hears of a carrier a moment later. */
const PASSING = /(?<=link-netns) \S+|(?<=_timer) +\S+| (state|qdisc) \S+| (linkdown|dead|tentative)\b/g;
const PASSING_FLAGS = ['NO-CARRIER', 'LOWER_UP', 'M-DOWN'];

function withoutPassing(text: string): string {
  const lasting = (flags: string) =>
    flags
      .split(',')
      .filter((flag) => !PASSING_FLAGS.includes(flag))
      .join();
  return text
    .replaceAll(/<([A-Z,_-]+)>/g, (_, flags: string) => `<${lasting(flags)}>`)
    .replaceAll(PASSING, '');
}

/** What is there. */
async function shown(place: Place): Promise<string> {
  const words = [
    ['link', 'show'],
    ['-4', 'addr', 'show'],
    ['-6', 'addr', 'show', 'scope', 'global'],
    ['-4', 'route', 'show', 'table', 'all'],
    ...['boot', 'static'].map((proto) => ['-6', 'route', 'show', 'table', 'all', 'proto', proto]),
  ];
  const parts = await Promise.all(words.map((each) => place.run(['ip', '-d', ...each])));
  return withoutPassing(parts.join('---\n'));
}

const ETH0 = [
  'link add eth0 address 0a:58:0a:57:01:02 type veth peer name peer0 address 0a:58:0a:57:01:01',
  'link set peer0 addrgenmode none up',
  'link set eth0 addrgenmode none',
];
const V4: AddressSpec = { family: 4, address: '10.87.1.2', prefix: 24 };
const V6: AddressSpec = { family: 6, address: 'fd00:87::2', prefix: 64 };

const ADDRESSES: readonly (readonly AddressSpec[])[] = [
  ...[0, 1, 8, 24, 30, 31, 32].map((prefix) => [{ ...V4, prefix }]),
  ...[48, 64, 127, 128].map((prefix) => [{ ...V6, prefix }]),
  [{ ...V6, checkDuplicates: true }],
  [V4, V6, { ...V4, address: '10.88.255.254', prefix: 16 }],
];

const ROUTES: readonly (readonly RouteSpec[])[] = [
  [{ dst: '0.0.0.0/0', gw: '10.87.1.1' }],
  [
    { dst: '0.0.0.0/0', gw: '10.87.1.1' },
    { dst: '0.0.0.0/0', gw: '10.87.1.9' },
  ],
  [{ dst: '::/0', gw: 'fd00:87::1' }],
  [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
  [{ dst: '198.51.100.0/24' }, { dst: '198.51.100.7/32', gw: '10.87.1.3' }],
  [{ dst: '198.51.100.0/24', gw: '10.87.1.3', mtu: 1300, advmss: 1200, priority: 7, table: 50, scope: 0 }],
  [
    { dst: '198.51.100.0/24', table: 255 },
    { dst: '198.51.100.0/24', table: 256, priority: 4_294_967_295 },
  ],
  [
    { dst: '198.51.100.0/24', table: 4_294_967_295 },
    { dst: '203.0.113.0/24', scope: 253 },
  ],
  [
    { dst: '203.0.113.0/24', scope: 100 },
    { dst: '192.0.2.0/24', priority: 0, mtu: 68 },
  ],
  [{ dst: '2001:db8::/32', gw: 'fd00:87::9', mtu: 1300, advmss: 1200, priority: 8, table: 70_000 }],
  [{ dst: '2001:db8::1/128' }, { dst: '2001:db8:1::/48', advmss: 1000 }],
];

describe('planSandbox()', () => {
  async function expectSame(addresses: readonly AddressSpec[], routes: readonly RouteSpec[]): Promise<void> {
    await makePlaces(ETH0);
    let lines: readonly string[] = [];
    carryOut(ours, (index) => {
      const plan = planSandbox({ name: 'eth0', index: index('eth0') }, addresses, routes);
      lines = plan.map(({ line }) => line);
      return plan;
    });
    await run(theirs, lines);
    expect(await shown(ours), lines.join('\n')).toBe(await shown(theirs));
  }

  it.each(ADDRESSES.map((addresses) => [addresses]))(
    'gives the addresses that its words say: %j',
    (addresses) => expectSame(addresses, []),
  );

  it.each(ROUTES.map((routes) => [routes]))('makes the routes that its words say: %j', (routes) =>
    expectSame([V4, V6], routes),
  );
});

describe('planPair()', () => {
  const PAIR: Omit<PairSpec, 'bridge' | 'netnsFd'> = {
    hostIfname: 'fn0123456789abc',
    hostMac: '0e:58:00:00:00:01',
    ifname: 'eth0',
    mac: '0a:58:0a:57:01:02',
    mtu: 1400,
    alias: 'flatnet/1;net=a;id=é',
    hairpin: false,
    isolated: false,
    hasIPv6: true,
  };

  it.each([{}, { hairpin: true }, { isolated: true }, { hairpin: true, isolated: true }, { hasIPv6: false }])(
    'makes the pair that its words say: %j',
    async (difference) => {
      await makePlaces(['link add br0 address 0a:58:0a:57:01:01 type bridge', 'link set br0 up']);
      const [inOurs, inTheirs] = [
        await host.addSandbox(`in-${ours.name}`),
        await host.addSandbox(`in-${theirs.name}`),
      ];
      const netnsFd = openSync(host.file(inOurs.path), 'r');
      let lines: readonly string[] = [];
      carryOut(ours, (index) => {
        const plan = planPair({
          ...PAIR,
          bridge: { name: 'br0', index: index('br0') },
          netnsFd,
          ...difference,
        });
        lines = plan.map(({ line }) => line.replace('/proc/self/fd/3', inTheirs.path));
        return plan;
      });
      closeSync(netnsFd);
      await run(theirs, lines);
      expect(await shown(ours)).toBe(await shown(theirs));
      expect(await shown(inOurs)).toBe(await shown(inTheirs));
    },
  );
});
