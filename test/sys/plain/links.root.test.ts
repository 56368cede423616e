import { closeSync, openSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../../conformance/host.ts';
import { findNeighbour, isBehindBridge } from '../../../src/bridge/neighbours.ts';
import { UNBOUNDED } from '../../../src/sys/context.ts';
import {
  addressesOf,
  aliasOf,
  apply,
  applyInBackground,
  indexOf,
  type Kernel,
  look,
  mtuOf,
  openLinks,
} from '../../../src/sys/kernel.ts';
import { deleteLink } from '../../../src/sys/netlink/link-requests.ts';
import { PLAIN } from '../../../src/sys/plain/plain.ts';
import { ensureSysctlIn, readSysctlIn } from '../../../src/sys/sysctl.ts';
import { planSandbox } from '../../../src/veth/plan.ts';
import { listRoutes } from '../../../src/veth/routes.ts';

const PLAINLY = { ...UNBOUNDED, plain: PLAIN };
const WAYS = [
  ['netlink', UNBOUNDED],
  ['programs', PLAINLY],
] as const;

const LINES = `
link add br0 address 02:00:00:00:00:01 type bridge
link set br0 mtu 1400 alias a;b=c up
address add 10.9.0.1/24 brd + dev br0
address add fd00:9::1/64 dev br0 nodad
link add name h0 type veth peer name h1
link set h0 master br0 up
link set h1 up
route append 10.7.0.0/16 via 10.9.0.2 dev br0 metric 5 mtu 1300 advmss 1200
route append 10.7.1.0/24 dev br0 table 70000
route append 10.7.2.0/24 nexthop via 10.9.0.2 dev br0 nexthop via 10.9.0.3 dev br0
route append 10.7.3.3/32 dev br0 scope 100
route add fd00:7::/48 via fd00:9::2 dev br0 metric 9
route append default via 10.9.0.2 dev br0
neigh add 10.9.0.7 lladdr 02:00:00:00:00:07 dev br0 nud permanent
neigh add 10.9.0.8 lladdr 02:00:00:00:00:08 dev br0 nud stale
`;

const ADDRESS = { family: 4, address: '10.9.0.2', prefix: 24 } as const;

let host: Host;
let netnsFd: number;

beforeAll(async () => {
  host = await createHost();
  netnsFd = openSync(`/proc/${host.pid}/ns/net`, 'r');
  await host.run(['ip', '-batch', '-'], { input: LINES.trim() });
  await host.run(['bridge', 'fdb', 'add', '02:00:00:00:00:09', 'dev', 'h0', 'master']);
});
afterAll(async () => {
  closeSync(netnsFd);
  await host.dispose();
});

/** What both ways tell. */
function told<T>(ask: (kernel: Kernel) => T): readonly T[] {
  return WAYS.map(([, ctx]) => {
    using kernel = openLinks(ctx, netnsFd);
    return ask(kernel);
  });
}

function expectSame(ask: (kernel: Kernel) => unknown): void {
  const [one, other] = told(ask);
  expect(one).toBeDefined();
  expect(other).toEqual(one);
}

describe('both ways to the kernel', () => {
  it('tell the same of links', () => {
    for (const name of ['lo', 'br0', 'h0']) {
      expectSame((kernel) => {
        const { ifindex, mtu, address, linkinfo, addr_info: own = [], flags = [] } = look(kernel, name) ?? {};
        const addresses = own.map(({ family, local, prefixlen, scope }) => [family, local, prefixlen, scope]);
        return [ifindex, mtu, address, linkinfo?.info_kind, addresses, flags.includes('UP')];
      });
    }
    expectSame((kernel) => [mtuOf(kernel, 'br0'), aliasOf(kernel, 'br0')]);
    expect(told((kernel) => look(kernel, 'absent'))).toEqual([undefined, undefined]);
    expect(told((kernel) => aliasOf(kernel, 'h0'))).toEqual([undefined, undefined]);
  });

  it('tell the same of addresses and of routes', () => {
    const sorted = (kernel: Kernel) =>
      addressesOf(kernel).toSorted((a, b) => a.address.localeCompare(b.address));
    expectSame(sorted);
    expectSame((kernel) => listRoutes(kernel, 4));
    const [six] = told((kernel) => listRoutes(kernel, 6));
    expect(six?.map(({ dst }) => dst)).toContain('fd00:7::/48');
    expectSame((kernel) => listRoutes(kernel, 6));
  });

  it('tell the same of neighbours', () => {
    const bridge = { name: 'br0', index: told((kernel) => look(kernel, 'br0'))[0]!.ifindex };
    for (const address of ['10.9.0.7', '10.9.0.8', '10.9.0.9', 'fd00:9::7']) {
      const [one, other] = told((kernel) => findNeighbour(kernel, bridge, address));
      expect(other).toEqual(one);
    }
    expect(told((kernel) => findNeighbour(kernel, bridge, '10.9.0.7'))[0]).toEqual({
      mac: '02:00:00:00:00:07',
      isPermanent: true,
    });
    expect(told((kernel) => isBehindBridge(kernel, bridge, '02:00:00:00:00:09'))).toEqual([true, true]);
    expect(told((kernel) => isBehindBridge(kernel, bridge, '02:00:00:00:00:0a'))).toEqual([false, false]);
  });

  it.each(WAYS)(
    'by %s, configure an interface, and the first line that is refused ends the plan',
    async (_way, ctx) => {
      const sandbox = await host.addSandbox();
      await sandbox.run(['ip', 'link', 'add', 'eth0', 'type', 'bridge']);
      const sandboxFd = openSync(host.file(sandbox.path), 'r');
      try {
        using kernel = openLinks(ctx, sandboxFd);
        const device = { name: 'eth0', index: indexOf(kernel, 'eth0') ?? 0 };
        const route = { dst: '10.7.0.0/16', gw: '10.9.0.1', mtu: 1300, priority: 7 };
        const plan = planSandbox(device, [ADDRESS], [route]);
        apply(kernel, plan);
        expect(addressesOf(kernel)).toContainEqual({ address: '10.9.0.2', broadcast: '10.9.0.255' });
        expect(listRoutes(kernel, 4)).toContainEqual(
          expect.objectContaining({ dst: route.dst, gw: route.gw, mtu: 1300, metric: 7, link: device.index }),
        );
        expect(() => {
          apply(kernel, [...plan, deleteLink('eth0')]);
        }).toThrow(expect.objectContaining({ code: 'EEXIST', line: plan[0]?.line }));
        await applyInBackground(kernel, deleteLink('eth0'));
        await expect(applyInBackground(kernel, deleteLink('eth0'))).rejects.toMatchObject({ code: 'ENODEV' });
      } finally {
        closeSync(sandboxFd);
      }
    },
  );

  it.each(WAYS)('by %s, read and set sysctls of another namespace', (_way, ctx) => {
    const key = 'net/ipv4/conf/h1/arp_notify';
    expect(readSysctlIn(netnsFd, key, ctx)).toMatch(/^[01]$/);
    for (const value of ['1', '0']) {
      ensureSysctlIn(netnsFd, { key, value }, ctx);
      expect(readSysctlIn(netnsFd, key, ctx)).toBe(value);
    }
    expect(readSysctlIn(netnsFd, 'net/ipv4/conf/absent/arp_notify', ctx)).toBeUndefined();
    expect(() => {
      ensureSysctlIn(netnsFd, { key, value: 'rubbish' }, ctx);
    }).toThrow(/Invalid argument|EINVAL/);
  });

  it('tell a network namespace from another kind', () => {
    const other = openSync('/proc/self/ns/mnt', 'r');
    try {
      expect(PLAIN.mayBeNetns(netnsFd, UNBOUNDED)).toBe(true);
      expect(PLAIN.mayBeNetns(other, UNBOUNDED)).toBe(false);
    } finally {
      closeSync(other);
    }
  });
});
