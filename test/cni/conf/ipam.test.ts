import { describe, expect, it } from 'vitest';
import { parseNetConf } from '../../../src/cni/conf/conf.ts';
import { parseEnvelope } from '../../../src/cni/conf/envelope.ts';
import { explain } from '../../../src/attachment/explain.ts';
import { codeOf } from '../../../src/cni/errors.ts';
import type { FlatnetError } from '../../../src/input/error.ts';

const ARGS = { containerID: 'box', ifname: 'eth0', netns: '/x', args: {}, path: [], env: {} };
const parse = (fields: object) =>
  parseNetConf(
    parseEnvelope(JSON.stringify({ cniVersion: '1.0.0', name: 'net1', type: 'flatnet', ...fields })),
    ARGS,
  );

/** What a caller reads when the configuration is refused. */
function refusal(fields: object): FlatnetError {
  try {
    parse(fields);
  } catch (error) {
    return explain(error, { kind: 'internal', doing: 'do this' });
  }
  throw new Error(`Nothing is wrong with ${JSON.stringify(fields)}`);
}

const RANGE = { subnet: '10.2.0.0/24' };
const NO_TEXT = [5, true, [], {}];
const NO_ADDRESS = [
  'x',
  '10.2.0',
  '10.2.0.256',
  '010.2.0.5',
  '10.2.0.5 ',
  '10.2.0.5/24',
  '1.2.3.4.5',
  'fd00::1%eth0',
];
const NO_SUBNET = [
  '',
  'x',
  '10.2.0.0',
  '10.2.0.0/33',
  '10.2.0.0/-1',
  '10.2.0.7/24',
  '10.2.0.0/32',
  'fd00::/129',
  'fd00::/128',
  '127.0.0.0/8',
  '224.0.0.0/24',
  '0.0.0.0/0',
  'ff02::/64',
  '::/0',
];

/** Every key of `ipam`: how it is set, what it must not be, and the words that say what it should be. */
const KEYS: readonly (readonly [string, (value: unknown) => object, readonly unknown[], RegExp])[] = [
  ['ipam', (ipam) => ({ ipam }), ['x', 5, true, []], /object/],
  ['ipam.type', (type) => ({ ipam: { type } }), [...NO_TEXT, 'a/b', 'a b'], /text|name of a plugin/],
  [
    'ipam.dataDir',
    (dataDir) => ({ ipam: { dataDir } }),
    [...NO_TEXT, 'relative', '/a\nb'],
    /absolute path|text/,
  ],
  [
    'ipam.resolvConf',
    (resolvConf) => ({ ipam: { resolvConf } }),
    [...NO_TEXT, 'relative'],
    /absolute path|text/,
  ],
  ['ipam.dns', (dns) => ({ ipam: { dns } }), ['x', 5, []], /object/],
  ['ipam.dns.search', (search) => ({ ipam: { dns: { search } } }), ['x', 5, {}], /list/],
  ['ipam.routes', (routes) => ({ ipam: { routes } }), ['x', 5, {}], /list/],
  ['ipam.routes[0]', (route) => ({ ipam: { routes: [route] } }), ['x', 5, []], /object/],
  [
    'ipam.routes[0].dst',
    (dst) => ({ ipam: { routes: [{ dst }] } }),
    [...NO_TEXT, '', ...NO_ADDRESS.slice(0, 5), '300.0.0.0/8', '10.0.0.0/33', '10.0.0.0'],
    /CIDR|text/,
  ],
  [
    'ipam.routes[0].gw',
    (gw) => ({ ipam: { routes: [{ dst: '10.0.0.0/8', gw }] } }),
    [...NO_TEXT, ...NO_ADDRESS, 'fd00::1'],
    /address|text/,
  ],
  [
    'ipam.routes[0].mtu',
    (mtu) => ({ ipam: { routes: [{ dst: '10.0.0.0/8', mtu }] } }),
    ['x', -1, 1.5, {}, 4294968696],
    /number/,
  ],
  [
    'ipam.routes[0].advmss',
    (advmss) => ({ ipam: { routes: [{ dst: '10.0.0.0/8', advmss }] } }),
    [2 ** 32],
    /from 0 to 4294967295/,
  ],
  [
    'ipam.routes[0].table',
    (table) => ({ ipam: { routes: [{ dst: '10.0.0.0/8', table }] } }),
    [4294967550],
    /from 0 to 4294967295/,
  ],
  [
    'ipam.routes[0].priority',
    (priority) => ({ ipam: { routes: [{ dst: '10.0.0.0/8', priority }] } }),
    [4294967301],
    /from 0 to 4294967295/,
  ],
  [
    'ipam.routes[0].scope',
    (scope) => ({ ipam: { routes: [{ dst: '10.0.0.0/8', scope }] } }),
    ['link', 509],
    /number/,
  ],
  [
    'ipam.subnet',
    (subnet) => ({ ipam: { subnet } }),
    [...NO_TEXT, ...NO_SUBNET],
    /subnet|host bits|larger|holds/,
  ],
  [
    'ipam.gateway',
    (gateway) => ({ ipam: { ...RANGE, gateway } }),
    [...NO_TEXT, ...NO_ADDRESS, '10.3.0.1', '10.2.0.0', '10.2.0.255', 'fd00::1'],
    /address/,
  ],
  [
    'ipam.rangeStart',
    (rangeStart) => ({ ipam: { ...RANGE, rangeStart, rangeEnd: '10.2.0.9' } }),
    [...NO_TEXT, ...NO_ADDRESS, '10.1.255.255', '10.2.0.10'],
    /address|above rangeEnd/,
  ],
  [
    'ipam.rangeEnd',
    (rangeEnd) => ({ ipam: { ...RANGE, rangeEnd } }),
    [...NO_TEXT, ...NO_ADDRESS, '10.2.1.0'],
    /address/,
  ],
  ['ipam.ranges', (ranges) => ({ ipam: { ranges } }), ['x', 5, true, {}], /list of range sets/],
  [
    'ipam.ranges[0]',
    (set) => ({ ipam: { ranges: [set] } }),
    ['x', 5, true, {}, []],
    /list of ranges|at least one range/,
  ],
  [
    'ipam.ranges[0][0]',
    (range) => ({ ipam: { ranges: [[range]] } }),
    ['x', 5, true, []],
    /object with a subnet/,
  ],
  [
    'ipam.ranges[0][0].subnet',
    (subnet) => ({ ipam: { ranges: [[{ subnet }]] } }),
    [...NO_TEXT, ...NO_SUBNET],
    /subnet|host bits|larger|holds/,
  ],
  [
    'ipam.ranges[0][0].rangeEnd',
    (rangeEnd) => ({ ipam: { ranges: [[{ ...RANGE, rangeEnd }]] } }),
    [...NO_TEXT, ...NO_ADDRESS],
    /address/,
  ],
  [
    'ipam.exclude',
    (exclude) => ({ ipam: { ...RANGE, exclude } }),
    ['10.2.0.5', 5, true, {}],
    /list of addresses/,
  ],
  [
    'ipam.exclude[0]',
    (one) => ({ ipam: { ...RANGE, exclude: [one] } }),
    [...NO_TEXT, 'x', '10.2.0.9-', '10.2.0.9-10.2.0.8', '10.2.0.9-fd00::1', '10.3.0.1', '10.2.0.0/16'],
    /"10\.87\.1\.9"|no subnet/,
  ],
  [
    'ipam.ranges[0][0].exclude[0]',
    (one) => ({ ipam: { ranges: [[{ ...RANGE, exclude: [one] }]] } }),
    [...NO_TEXT, 'x', '10.3.0.1'],
    /"10\.87\.1\.9"|no subnet/,
  ],
  [
    'ipam.reservations',
    (reservations) => ({ ipam: { ...RANGE, reservations } }),
    ['x', 5, true, []],
    /container name to address/,
  ],
  [
    'ipam.reservations["web"]',
    (web) => ({ ipam: { ...RANGE, reservations: { web } } }),
    [5, true, {}, '', ...NO_ADDRESS, '10.3.0.1', '10.2.0.0', '10.2.0.1', '10.2.0.255'],
    /address/,
  ],
  [
    'ipam.reservations["web"][0]',
    (web) => ({ ipam: { ...RANGE, reservations: { web: [web] } } }),
    [...NO_TEXT, '', ...NO_ADDRESS, '10.3.0.1'],
    /address/,
  ],
  ['ipam.allowOverlap', (allowOverlap) => ({ ipam: { allowOverlap } }), ['true', 1, [], {}], /true or false/],
  [
    'runtimeConfig.ipRanges',
    (ipRanges) => ({ runtimeConfig: { ipRanges } }),
    ['x', 5, true, {}],
    /list of range sets/,
  ],
  [
    'runtimeConfig.ipRanges[0][0].subnet',
    (subnet) => ({ runtimeConfig: { ipRanges: [[{ subnet }]] } }),
    [...NO_TEXT, ...NO_SUBNET],
    /subnet|host bits|larger|holds/,
  ],
  [
    'runtimeConfig.ips[0]',
    (ip) => ({ runtimeConfig: { ips: [ip] } }),
    [...NO_TEXT, 'x', '10.2.0.5-'],
    /IP address|text/,
  ],
];

describe('a wrong value of ipam', () => {
  const cases = KEYS.flatMap(([key, fields, values, hint]) =>
    values.map((value) => [key, value, fields, hint] as const),
  );

  it.each(cases)(
    '%s: %j is refused with code 7, key, value and what would be right',
    (key, value, fields, hint) => {
      const error = refusal(fields(value));
      const { message, details = '' } = error;
      expect(codeOf(error)).toBe(7);
      expect(message).toMatch(/^(Invalid|Cannot use) /);
      expect(message).toContain(key);
      expect(`${message}; ${details}`).toMatch(hint);
      expect(message).toContain(JSON.stringify(value).replaceAll(/[\n]/g, '\\n'));
    },
  );
});

describe('ipam', () => {
  it('has routes whose destinations are networks, as the kernel wants them', () => {
    const routes = [{ dst: '10.0.0.7/8', gw: '10.87.1.9' }, { dst: 'FD00::1/8' }, { dst: '0.0.0.0/0' }];
    const { ipam } = parse({ ipam: { routes } }).network;
    expect(ipam).toMatchObject({
      routes: [{ dst: '10.0.0.0/8', gw: '10.87.1.9' }, { dst: 'fd00::/8' }, { dst: '0.0.0.0/0' }],
    });
  });

  it('takes the ranges of runtimeConfig in any spelling of their keys', () => {
    const runtimeConfig = { IPRanges: [[{ Subnet: '10.2.0.0/24', RangeStart: '10.2.0.9' }]] };
    expect(parse({ runtimeConfig }).network.ipam).toMatchObject({
      pool: { sets: [[{ dynamic: { first: 0x0a020009n } }]] },
    });
  });
});
