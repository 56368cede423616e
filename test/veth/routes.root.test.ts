import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { allocated, attach, invoke } from '../fixtures/plugin.ts';

let host: Host;
let sandbox: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  sandbox = await host.addSandbox('box');
});
afterEach(() => host.dispose());

const RANGES = [[{ subnet: '10.87.1.0/24' }], [{ subnet: 'fd00:87::/64' }]];
/** Link scope, as rtnetlink(7) numbers it. */
const LINK = 253;
/** Between those that have names. */
const NAMELESS = 100;
const ROUTES = [
  { dst: '198.51.100.0/24', gw: '10.87.1.9', mtu: 1300, advmss: 1200, priority: 7 },
  { dst: '203.0.113.0/24', table: 50 },
  { dst: '192.0.2.0/24', scope: LINK },
  // Beyond the byte that the header has for it.
  { dst: '203.0.113.0/24', gw: '10.87.1.9', table: 70_000, priority: 4_000_000_000, scope: 0 },
  { dst: '192.0.2.128/25', scope: NAMELESS, mtu: 900 },
  { dst: '2001:db8:1::/48', priority: 9 },
  { dst: '2001:db8::/32', gw: 'fd00:87::9', mtu: 1300, advmss: 1200, priority: 8, table: 50 },
];

/** Where a route leads that names no gateway and whose scope does not keep it on the link. */
function gatewayOf({ dst, scope = 0 }: { dst: string; scope?: number }): { gw?: string } {
  if (scope >= LINK) return {};
  return { gw: dst.includes(':') ? 'fd00:87::1' : '10.87.1.1' };
}

function network(routes: readonly object[]) {
  return { cniVersion: '1.1.0', ipam: { ranges: RANGES, routes } };
}

async function shown(family: 4 | 6, destination: string, table: string): Promise<any> {
  const words = ['route', 'show', destination, 'table', table];
  return JSON.parse(await sandbox.run(['ip', '-j', '-d', `-${family}`, ...words]))[0];
}

describe('ipam.routes', () => {
  it('are made with every field, and are in the result of 1.1.0', async () => {
    const { routes } = await attach(host, sandbox, { conf: network(ROUTES) });
    const made = ROUTES.map((route) => ({ ...gatewayOf(route), ...route }));
    expect(routes).toEqual(expect.arrayContaining(made));
    expect(await shown(4, '198.51.100.0/24', 'main')).toMatchObject({
      gateway: '10.87.1.9',
      metric: 7,
      metrics: [{ mtu: 1300, advmss: 1200 }],
    });
    expect(await shown(4, '203.0.113.0/24', '50')).toMatchObject({ dev: 'eth0', gateway: '10.87.1.1' });
    const onLink = await shown(4, '192.0.2.0/24', 'main');
    expect(onLink).toMatchObject({ dev: 'eth0', scope: 'link' });
    expect(onLink).not.toHaveProperty('gateway');
    expect(await shown(4, '203.0.113.0/24', '70000')).toMatchObject({
      gateway: '10.87.1.9',
      metric: 4_000_000_000,
      scope: 'global',
    });
    expect(await shown(4, '192.0.2.128/25', 'main')).toMatchObject({
      scope: '100',
      metrics: [{ mtu: 900 }],
    });
    expect(await shown(6, '2001:db8:1::/48', 'main')).toMatchObject({ dev: 'eth0', metric: 9 });
    expect(await shown(6, '2001:db8::/32', '50')).toMatchObject({
      gateway: 'fd00:87::9',
      metric: 8,
      metrics: [{ mtu: 1300, advmss: 1200 }],
    });
  });

  it('are what CHECK looks for', async () => {
    const conf = network(ROUTES);
    const prevResult = await attach(host, sandbox, { conf });
    const check = () => invoke(host, 'CHECK', { netns: sandbox.path, conf: { ...conf, prevResult } });
    expect((await check()).stdout).toBe('');
    await sandbox.run(['ip', 'route', 'del', '198.51.100.0/24']);
    expect((await check()).json.msg).toBe('Route to 198.51.100.0/24 via 10.87.1.9 is gone from the sandbox');
  });

  it.each([
    [{ dst: '198.51.100.0' }, 'dst', '"198.51.100.0"'],
    [{ dst: '198.51.100.0/24', mtu: -1 }, 'mtu', '-1'],
    [{ dst: '198.51.100.0/24', table: '50' }, 'table', '"50"'],
  ])('%j is refused by key and value, and nothing is left', async (route, key, value) => {
    const { json } = await invoke(host, 'ADD', { netns: sandbox.path, conf: network([route]) });
    expect(json).toMatchObject({
      code: 7,
      msg: `Invalid "ipam.routes[0].${key}" in the configuration of network "flatnet": ${value}`,
    });
    expect(await allocated(host)).toEqual([]);
  });
});
