import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { addressOf, requestOf, setup, teardown, trySetup } from '../fixtures/driver.ts';
import { link, reaches } from '../fixtures/links.ts';
import { allocated, pairs } from '../fixtures/plugin.ts';
import { ask, serve } from '../fixtures/traffic.ts';

let host: Host;
let box: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  box = await host.addSandbox();
});
afterEach(() => host.dispose());

const TWO = {
  name: 'two',
  network_interface: 'flatnet-br2',
  subnets: [{ subnet: '10.87.3.0/24', gateway: '10.87.3.1', lease_range: null }],
};
const DUAL = {
  subnets: [
    { subnet: '10.87.2.0/24', gateway: '10.87.2.1', lease_range: null },
    { subnet: 'fd00:87::/64', gateway: 'fd00:87::1', lease_range: null },
  ],
};
/** Podman chooses the addresses. */
const CHOSEN = { ipam_options: null };

const routes = async (): Promise<string[]> =>
  (await box.run(['ip', 'route', 'show', 'default']))
    .trim()
    .split('\n')
    .map((line) => line.trim());
const stateOf = async (): Promise<any> =>
  JSON.parse(readFileSync(host.file('/var/lib/flatnet/ipam/allocations.json'), 'utf8'));

describe('setup', () => {
  it('answers with what the kernel has', async () => {
    const { exitCode, stdout, stderr, json } = await trySetup(host, box);
    expect([exitCode, stderr, stdout.trimEnd().split('\n').length]).toEqual([0, '', 1]);
    const inside = await link(box, 'eth0');
    expect(json).toEqual({
      interfaces: {
        eth0: { mac_address: inside.address, subnets: [{ ipnet: '10.87.2.2/24', gateway: '10.87.2.1' }] },
      },
    });
    expect(inside.addr_info).toEqual(
      expect.arrayContaining([expect.objectContaining({ local: '10.87.2.2', prefixlen: 24 })]),
    );
    expect(await routes()).toEqual(['default via 10.87.2.1 dev eth0']);
    expect(await reaches(host, '10.87.2.2')).toBe(true);
    expect(await allocated(host)).toEqual(['lab/10.87.2.2']);
  });

  it('gives the address and the MAC that were asked for, of both families, and remembers the aliases', async () => {
    const call = {
      network: DUAL,
      ips: ['10.87.2.77', 'fd00:87::77'],
      mac: '02:00:00:00:00:07',
      aliases: ['db', 'box1'],
    };
    expect(await setup(host, box, call)).toEqual({
      mac_address: '02:00:00:00:00:07',
      subnets: [
        { ipnet: '10.87.2.77/24', gateway: '10.87.2.1' },
        { ipnet: 'fd00:87::77/64', gateway: 'fd00:87::1' },
      ],
    });
    const { allocations } = await stateOf();
    expect(allocations['lab/10.87.2.77']).toMatchObject({ data: { aliases: ['db', 'box1'] } });
  });

  it('gives every address that was asked for of one subnet, and teardown frees them all', async () => {
    const call = { network: DUAL, ips: ['10.87.2.77', '10.87.2.78', 'fd00:87::77'] };
    expect((await setup(host, box, call)).subnets).toEqual([
      { ipnet: '10.87.2.77/24', gateway: '10.87.2.1' },
      { ipnet: '10.87.2.78/24', gateway: '10.87.2.1' },
      { ipnet: 'fd00:87::77/64', gateway: 'fd00:87::1' },
    ]);
    expect(await reaches(host, '10.87.2.78')).toBe(true);
    expect(await routes()).toEqual(['default via 10.87.2.1 dev eth0']);
    await teardown(host, box, call);
    expect(await allocated(host)).toEqual([]);
  });

  it('has the metric and the routes that were asked for', async () => {
    const routed = [{ destination: '10.99.0.0/16', gateway: '10.87.2.9', metric: 50 }];
    await setup(host, box, { network: { routes: routed }, options: { metric: '300' } });
    expect(await routes()).toEqual(['default via 10.87.2.1 dev eth0 metric 300']);
    expect(await box.run(['ip', 'route', 'show', '10.99.0.0/16'])).toContain(
      'via 10.87.2.9 dev eth0 metric 50',
    );
  });

  it('leaves the default route to the first network, and no route on one that wants none', async () => {
    await setup(host, box);
    await setup(host, box, { network: TWO, ifname: 'eth1' });
    expect(await routes()).toEqual(['default via 10.87.2.1 dev eth0', 'default via 10.87.3.1 dev eth1']);
    const other = await host.addSandbox();
    await setup(host, other, { containerID: 'box2', options: { no_default_route: 'true' } });
    expect((await other.run(['ip', 'route', 'show', 'default'])).trim()).toBe('');
  });

  it.each([
    ['an address that another container has', { ips: ['10.87.2.2'] }, 'container "box0" (box0) has it'],
    ['an address of another subnet', { ips: ['10.200.0.7'] }, 'network "lab" has addresses in 10.87.2.0/24'],
    ['the address of the gateway', { ips: ['10.87.2.1'] }, 'it is the gateway of 10.87.2.0/24'],
    [
      'a route through nowhere',
      { network: { routes: [{ destination: '10.9.0.0/16', gateway: '192.168.7.1' }] } },
      '10.9.0.0/16',
    ],
    ['an interface that is there', { ifname: 'lo' }, '"lo"'],
    ['a namespace that is not there', { netns: '/run/netns/none' }, '/run/netns/none'],
    [
      'an unmanaged bridge that is not there',
      { network: { options: { mode: 'unmanaged' }, network_interface: 'nobr' } },
      'ip link add nobr type bridge',
    ],
    [
      'a container port on a taken host port',
      { ports: [{ container_port: 80, host_port: 8080 }] },
      'stop that container',
    ],
  ])('that fails for %s leaves nothing, and says why in one line', async (_what, call, said) => {
    const first = await host.addSandbox();
    await setup(host, first, { containerID: 'box0', ports: [{ container_port: 80, host_port: 8080 }] });
    const [before, inside] = [await host.snapshot(), await box.snapshot()];
    const { exitCode, stdout, stderr, json } = await trySetup(host, box, call);
    expect([exitCode, stderr, stdout.trimEnd().split('\n').length, Object.keys(json)]).toEqual([
      1,
      '',
      1,
      ['error'],
    ]);
    expect(json.error).toContain(said);
    expect([await host.snapshot(), await box.snapshot()]).toEqual([before, inside]);
    expect(await allocated(host)).toEqual(['lab/10.87.2.2']);
  });

  it('undoes on SIGTERM what it has made', async () => {
    // A tool that never ends holds the first setup of a network where it makes the rules, after the pair.
    await host.run(['mkdir', '/run/bin']);
    await host.run(['tee', '/run/bin/nft'], { input: '#!/bin/sh\n[ "$1" = -c ] || exec sleep 100\n' });
    await host.run(['chmod', '+x', '/run/bin/nft']);
    await host.run(['mount', '--bind', '/run/bin/nft', '/usr/sbin/nft']);
    const call = host.start([EXECUTABLE, 'setup', box.path], { input: JSON.stringify(requestOf({})) });
    await expect.poll(() => pairs(host), { timeout: 10_000 }).toHaveLength(1);
    process.kill(call.pid, 'SIGTERM');
    const { stdout, exitCode } = await call.result;
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).error).toMatch(/^setup was interrupted by SIGTERM: all changes were undone/);
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
  });

  it('publishes ports on the host and for neighbours, of each protocol and range', async () => {
    const lan = await host.addSandbox();
    await host.run(['ip', 'link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', lan.name]);
    await host.run(['ip', 'address', 'add', '198.51.100.1/24', 'dev', 'lan0']);
    await host.run(['ip', 'link', 'set', 'dev', 'lan0', 'up']);
    await lan.run(['ip', 'address', 'add', '198.51.100.2/24', 'dev', 'eth0']);
    await lan.run(['ip', 'link', 'set', 'dev', 'eth0', 'up']);
    await setup(host, box, { ports: [{ container_port: 7000, host_port: 8000, range: 3 }] });
    await serve(box, { port: 7000, answer: 'first' });
    await serve(box, { port: 7002, answer: 'third' });
    expect(await ask(lan, '198.51.100.1', 8000)).toBe('first');
    expect(await ask(lan, '198.51.100.1', 8002)).toBe('third');
    expect(await ask(host, '127.0.0.1', 8002)).toBe('third');
  });

  it('publishes a port once, through the next network when the first goes', async () => {
    const ports = [{ container_port: 80, host_port: 8080 }];
    await setup(host, box, { ports });
    await setup(host, box, { network: TWO, ifname: 'eth1', ports });
    await serve(box, { port: 80, answer: 'here' });
    expect(await ask(host, '127.0.0.1', 8080)).toBe('here');
    await teardown(host, box, { ports });
    expect(await ask(host, '127.0.0.1', 8080)).toBe('here');
  });

  it('gives a container its address back: by its id, by its name, and by its name after a rename', async () => {
    await setup(host, box, { containerID: 'a', name: 'web' });
    await teardown(host, box, { containerID: 'a', name: 'web' });
    const other = await host.addSandbox();
    expect(addressOf(await setup(host, other, { containerID: 'b', name: 'other' }))).toBe('10.87.2.3');
    expect(addressOf(await setup(host, box, { containerID: 'a', name: 'web' }))).toBe('10.87.2.2');
    await teardown(host, box, { containerID: 'a', name: 'shop' });
    expect(addressOf(await setup(host, box, { containerID: 'c', name: 'web' }))).toBe('10.87.2.4');
    await teardown(host, box, { containerID: 'c', name: 'web' });
    expect(addressOf(await setup(host, box, { containerID: 'd', name: 'shop' }))).toBe('10.87.2.2');
  });

  it('takes a container again that comes back without a teardown, in another namespace', async () => {
    const first = addressOf(await setup(host, box, { containerID: 'a' }));
    const next = await host.addSandbox();
    expect(addressOf(await setup(host, next, { containerID: 'a' }))).toBe(first);
    expect(await pairs(host)).toHaveLength(1);
    expect(await reaches(host, first)).toBe(true);
  });

  it('takes a container again after a reboot, and gives the addresses of others away only when they are needed', async () => {
    await setup(host, box, { containerID: 'web' });
    await setup(host, await host.addSandbox(), { containerID: 'db' });
    // Another boot id, no link, no teardown, and an empty /run.
    await host.run(['ip', 'link', 'del', 'flatnet-br1']);
    for (const pair of await pairs(host)) await host.run(['ip', 'link', 'del', pair]);
    await host.run(['rm', '-rf', '/run/flatnet']);
    await host.run(['tee', '/run/boot_id'], { input: '11111111-2222-3333-4444-555555555555\n' });
    await host.run(['mount', '--bind', '/run/boot_id', '/proc/sys/kernel/random/boot_id']);
    expect(addressOf(await setup(host, await host.addSandbox(), { containerID: 'new' }))).toBe('10.87.2.4');
    expect(addressOf(await setup(host, await host.addSandbox(), { containerID: 'db' }))).toBe('10.87.2.3');
    expect(await allocated(host)).toEqual(['lab/10.87.2.3', 'lab/10.87.2.4'].toReversed());
  });

  it('frees what dead holders have when the network is full', async () => {
    const network = { subnets: [{ subnet: '10.87.2.0/30', gateway: '10.87.2.1', lease_range: null }] };
    await setup(host, box, { network });
    const next = await host.addSandbox();
    expect((await trySetup(host, next, { network, containerID: 'box2' })).json.error).toContain(
      'no address left',
    );
    await box.remove();
    expect(addressOf(await setup(host, next, { network, containerID: 'box2' }))).toBe('10.87.2.2');
  });

  it('keeps away from containers what others reserved, and from a lease range what lies outside', async () => {
    const range = { start_ip: '10.87.2.129', end_ip: '10.87.2.255' };
    const network = {
      subnets: [{ subnet: '10.87.2.0/24', gateway: '10.87.2.1', lease_range: range }],
      options: { reservations: 'web=10.87.2.129', exclude: '10.87.2.130' },
    };
    expect(addressOf(await setup(host, box, { network, name: 'any' }))).toBe('10.87.2.131');
    expect(
      addressOf(await setup(host, await host.addSandbox(), { network, containerID: 'b', name: 'web' })),
    ).toBe('10.87.2.129');
  });

  it("leaves a bridge that is somebody else's as it is", async () => {
    await host.run(['ip', 'link', 'add', 'name', 'theirs', 'type', 'bridge']);
    await host.run(['ip', 'link', 'set', 'dev', 'theirs', 'up']);
    const network = { network_interface: 'theirs', options: { mode: 'unmanaged' } };
    await setup(host, box, { network, ports: [{ container_port: 80, host_port: 8080 }] });
    expect((await link(host, 'theirs')).addr_info.filter(({ family }: any) => family === 'inet')).toEqual([]);
    expect(await routes()).toEqual(['default via 10.87.2.1 dev eth0']);
    expect((await host.exec(['nft', 'list', 'ruleset'])).stdout).not.toContain('8080');
  });

  it('names the resolvers of the network', async () => {
    const { json } = await trySetup(host, box, { network: { network_dns_servers: ['10.87.2.53'] } });
    expect(json.dns_server_ips).toEqual(['10.87.2.53']);
  });

  it('writes one line about each call to the log', async () => {
    await setup(host, box, { name: 'web' });
    await trySetup(host, await host.addSandbox(), { containerID: 'box2', ips: ['10.1.1.1'] });
    const lines = readFileSync(host.file('/var/log/flatnet/cni.log'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      {
        verb: 'setup',
        level: 'info',
        network: 'lab',
        containerID: 'box1',
        ifname: 'eth0',
        containerName: 'web',
        addresses: ['10.87.2.2'],
      },
      { verb: 'setup', level: 'error', containerID: 'box2' },
    ]);
  });
});

describe('setup of a network whose addresses Podman chooses', () => {
  it('gives exactly what was chosen, and keeps account of it', async () => {
    const status = await setup(host, box, { network: { ...DUAL, ...CHOSEN }, ips: ['10.87.2.9'] });
    expect(status.subnets).toEqual([{ ipnet: '10.87.2.9/24', gateway: '10.87.2.1' }]);
    expect(await allocated(host)).toEqual(['lab/10.87.2.9']);
    const next = await host.addSandbox();
    const call = { network: { ...DUAL, ...CHOSEN }, containerID: 'box2', ips: ['10.87.2.9'] };
    expect((await trySetup(host, next, call)).json.error).toContain('container "box1" (box1) has it');
    // Nor is it given out by flatnet, should the network change hands.
    expect(addressOf(await setup(host, next, { containerID: 'box2', ips: [] }))).toBe('10.87.2.2');
  });

  it('takes several addresses of one subnet', async () => {
    const { subnets } = await setup(host, box, { network: CHOSEN, ips: ['10.87.2.9', '10.87.2.10'] });
    expect(subnets.map(({ ipnet }: any) => ipnet)).toEqual(['10.87.2.9/24', '10.87.2.10/24']);
    await teardown(host, box, { network: CHOSEN, ips: ['10.87.2.9', '10.87.2.10'] });
    expect(await allocated(host)).toEqual([]);
  });

  it.each([
    [['10.200.0.7'], 'network "lab" has addresses in 10.87.2.0/24'],
    [[], 'which Podman chooses'],
  ])('refuses %j', async (ips, said) => {
    expect((await trySetup(host, box, { network: CHOSEN, ips })).json.error).toContain(said);
    expect(await allocated(host)).toEqual([]);
  });

  it('has the address again after network reload: teardown and setup in the same namespace', async () => {
    const call = { network: CHOSEN, ips: ['10.87.2.9'] };
    const { mac_address: mac } = await setup(host, box, call);
    await teardown(host, box, call);
    expect(await setup(host, box, { ...call, mac })).toMatchObject({ mac_address: mac });
    expect(await reaches(host, '10.87.2.9')).toBe(true);
  });
});
