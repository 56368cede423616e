import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { attach, invoke } from '../fixtures/plugin.ts';

let host: Host;
let sandbox: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  sandbox = await host.addSandbox('box');
});
afterEach(() => host.dispose());

async function via(target: string): Promise<string> {
  const { stdout } = await sandbox.exec(['ip', '-j', 'route', 'get', target]);
  return stdout === '' ? 'nothing' : JSON.parse(stdout)[0].dev;
}

/** A dual-stack network of that number. */
function dual(number: number, more: object = {}) {
  const ranges = [[{ subnet: `10.${number}.0.0/24` }], [{ subnet: `fd00:${number}::/64` }]];
  return { name: `n${number}`, bridge: `b${number}`, ipam: { ranges, ...more } };
}

const OUTSIDE = ['203.0.113.1', '2001:db8::1'];
const lookedUp = () => Promise.all(OUTSIDE.map(via));

describe('a route without gw', () => {
  it.each(['flatnet', 'host-local'])('leads to the gateway, addresses of %s', async (type) => {
    const routes = [
      { dst: '0.0.0.0/0' },
      { dst: '::/0' },
      { dst: '198.51.100.0/24' },
      { dst: '2001:db8:1::/48' },
    ];
    const conf = dual(1, { type, routes });
    const { routes: printed } = await attach(host, sandbox, { conf });
    expect(printed.map(({ gw }: { gw: string }) => gw)).toEqual([
      '10.1.0.1',
      'fd00:1::1',
      '10.1.0.1',
      'fd00:1::1',
    ]);
    for (const [family, dst] of [
      ['-4', '198.51.100.0/24'],
      ['-6', '2001:db8:1::/48'],
      ['-6', 'default'],
    ]) {
      expect(await sandbox.run(['ip', family!, 'route', 'show', dst!])).toMatch(
        / via (10.1.0.1|fd00:1::1) dev eth0/,
      );
    }
  });

  it('leads to the router that the range names where the bridge has no address', async () => {
    const ipam = { subnet: '10.44.0.0/24', gateway: '10.44.0.9', routes: [{ dst: '198.51.100.0/24' }] };
    await attach(host, sandbox, { conf: { isGateway: false, ipam } });
    expect(await sandbox.run(['ip', 'route', 'show', '198.51.100.0/24'])).toContain('via 10.44.0.9');
  });
});

describe('of several networks of a container', () => {
  const ROUTES = [{ dst: '198.51.100.0/24' }, { dst: '2001:db8:1::/48' }];

  it.each([
    ['eth0', 'eth1'],
    ['eth1', 'eth0'],
    ['lan', 'wan'],
    ['eth0', 'net0'],
    ['eth1', 'macvlan1001'],
  ])('the first keeps the default routes and those that are equal: %s, then %s', async (first, second) => {
    const [one, two] = [dual(1, { routes: ROUTES }), dual(2, { routes: ROUTES })];
    await attach(host, sandbox, { conf: one, ifname: first });
    await attach(host, sandbox, { conf: two, ifname: second });
    const all = async () => [...(await lookedUp()), await via('198.51.100.1'), await via('2001:db8:1::1')];
    expect(await all()).toEqual([first, first, first, first]);
    await invoke(host, 'DEL', { netns: sandbox.path, conf: one, ifname: first });
    expect(await all()).toEqual([second, second, second, second]);
    await attach(host, sandbox, { conf: one, ifname: first });
    expect(await all()).toEqual([second, second, second, second]);
  });

  it('one that names a priority stands where it says', async () => {
    const routes = [
      { dst: '0.0.0.0/0', priority: 50 },
      { dst: '::/0', priority: 50 },
    ];
    await attach(host, sandbox, {
      conf: dual(1, { routes: routes.map((each) => ({ ...each, priority: 60 })) }),
    });
    await attach(host, sandbox, { conf: dual(2, { routes }), ifname: 'eth1' });
    await attach(host, sandbox, { conf: dual(3), ifname: 'eth2' });
    expect(await lookedUp()).toEqual(['eth1', 'eth1']);
  });

  it('CHECK misses the default route of one although another has it', async () => {
    const prevResult = await attach(host, sandbox, { conf: dual(1) });
    const other = await attach(host, sandbox, { conf: dual(2), ifname: 'eth1' });
    const check = async (number: number, ifname: string, result: unknown) => {
      const call = { netns: sandbox.path, ifname, conf: { ...dual(number), prevResult: result } };
      return (await invoke(host, 'CHECK', call)).json?.msg;
    };
    expect([await check(1, 'eth0', prevResult), await check(2, 'eth1', other)]).toEqual([
      undefined,
      undefined,
    ]);
    for (const family of ['-4', '-6'])
      await sandbox.run(['ip', family, 'route', 'del', 'default', 'dev', 'eth0']);
    expect(await check(1, 'eth0', prevResult)).toBe(
      'Route to 0.0.0.0/0 via 10.1.0.1 is gone from the sandbox',
    );
    expect(await check(2, 'eth1', other)).toBeUndefined();
  });
});

const FIELDS = [
  { dst: '198.51.100.0/24', table: 100 },
  { dst: '198.51.100.0/24', table: 200, priority: 7 },
  { dst: '198.51.100.0/24' },
  { dst: '0.0.0.0/0', table: 100 },
  { dst: '192.0.2.0/25', scope: 253, mtu: 1300 },
  { dst: '203.0.113.0/24', gw: '10.1.0.9', mtu: 1300, advmss: 1200, priority: 9, scope: 0 },
  { dst: '203.0.113.0/24', gw: '10.1.0.9', mtu: 0, advmss: 0, priority: 0, table: 0 },
  { dst: '2001:db8::/32', table: 100, priority: 7, mtu: 1300 },
  { dst: '2001:db8:1::1/128', gw: 'fd00:1::9', scope: 253 },
  { dst: '::/0', table: 70_000 },
];

describe('CHECK after ADD', () => {
  const check = (conf: object, prevResult: unknown) =>
    invoke(host, 'CHECK', { netns: sandbox.path, conf: { ...conf, prevResult } });

  it.each(['0.4.0', '1.0.0', '1.1.0'])('is 0 for routes with every field in %s', async (cniVersion) => {
    const conf = { cniVersion, ...dual(1, { routes: FIELDS }) };
    const prevResult = await attach(host, sandbox, { conf });
    expect((await check(conf, prevResult)).stdout).toBe('');
    expect(await via(OUTSIDE[0]!)).toBe('eth0');
    await sandbox.run(['ip', 'route', 'del', '198.51.100.0/24', 'table', '200']);
    const { msg } = (await check(conf, prevResult)).json ?? {};
    expect(msg).toBe('Route to 198.51.100.0/24 via 10.1.0.1 in table 200 is gone from the sandbox');
  });

  // Old versions of host-local leave fields out: then nobody knows them.
  it.each(['0.4.0', '1.0.0'])(
    "is 0 for host-local's, whatever it makes of them, in %s",
    async (cniVersion) => {
      const conf = { cniVersion, ...dual(1, { type: 'host-local', routes: FIELDS }) };
      const prevResult = await attach(host, sandbox, { conf });
      expect((await check(conf, prevResult)).stdout).toBe('');
      await sandbox.run(['ip', '-6', 'route', 'flush', '2001:db8::/32', 'table', 'all']);
      const { msg } = (await check(conf, prevResult)).json ?? {};
      expect(msg).toMatch(/^Route to 2001:db8::.32 via fd00:1::1 (in table 100 )?is gone from the sandbox$/);
    },
  );
});
