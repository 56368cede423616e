import { writeFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { LAB, setup, teardown, trySetup } from '../fixtures/driver.ts';
import { link } from '../fixtures/links.ts';
import { allocated, attach, invoke, pairs } from '../fixtures/plugin.ts';

let host: Host;
let box: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost({ tmpfs: ['/etc/cni'] });
  box = await host.addSandbox();
});
afterEach(() => host.dispose());

async function settings() {
  const { flags, txqlen, mtu, address } = await link(box, 'eth0');
  const has = (flag: string) => flags.includes(flag);
  return { promisc: has('PROMISC'), allmulti: has('ALLMULTI'), txqlen, mtu, address };
}

const ASKED = { promisc: true, allmulti: true, txQLen: 77, mac: '02:00:00:00:00:09' };
const GIVEN = { promisc: true, allmulti: true, txqlen: 77, address: '02:00:00:00:00:09' };

describe('the keys of the tuning plugin', () => {
  it('set the interface in the sandbox, and nothing else', async () => {
    const { interfaces } = await attach(host, box, { conf: ASKED });
    expect(await settings()).toEqual({ ...GIVEN, mtu: 1500 });
    const outside = await link(host, interfaces[1].name);
    expect(outside.flags).not.toContain('ALLMULTI');
    expect(outside.txqlen).not.toBe(77);
  });

  it('in args.cni are those of one container, and a smaller MTU is only its own', async () => {
    const conf = { ...ASKED, mtu: 1400, args: { cni: { txQLen: 5, promisc: false, mtu: 1300 } } };
    const { interfaces } = await attach(host, box, { conf });
    expect(await settings()).toEqual({ ...GIVEN, promisc: false, txqlen: 5, mtu: 1300 });
    expect((await link(host, interfaces[1].name)).mtu).toBe(1300);
    expect((await link(host, 'flatnet-br0')).mtu).toBe(1400);
  });

  it('take sysctls of one container before those of the network, however they are spelled', async () => {
    const own = { 'net/core/somaxconn': '600' };
    const sysctl = { 'net.core.somaxconn': '512', 'net.ipv4.conf.IFNAME.log_martians': '1' };
    await attach(host, box, { conf: { sysctl, args: { cni: { sysctl: own } } } });
    const paths = ['core/somaxconn', 'ipv4/conf/eth0/log_martians'].map((path) => `/proc/sys/net/${path}`);
    expect(await box.run(['cat', ...paths])).toBe('600\n1\n');
  });

  it('go with DEL', async () => {
    await attach(host, box, { conf: ASKED });
    expect((await invoke(host, 'DEL', { netns: box.path, conf: ASKED })).exitCode).toBe(0);
    expect([await pairs(host), await allocated(host), await link(box, 'eth0')]).toEqual([[], [], undefined]);
  });

  it.each([
    [['promisc', 'off'], 'Interface "eth0" in the sandbox is no longer promiscuous'],
    [['allmulticast', 'off'], 'Interface "eth0" in the sandbox no longer receives every multicast frame'],
    [['txqueuelen', '5'], 'Interface "eth0" in the sandbox has a queue of 5 packets, not 77'],
    [['mtu', '1300'], 'Interface "eth0" in the sandbox has MTU 1300, not 1400'],
  ])('are compared by CHECK: %j', async (change, message) => {
    const conf = { ...ASKED, cniVersion: '1.1.0', mtu: 1400 };
    const prevResult = await attach(host, box, { conf });
    const check = () => invoke(host, 'CHECK', { netns: box.path, conf: { ...conf, prevResult } });
    expect(await check()).toMatchObject({ exitCode: 0 });
    await box.run(['ip', 'link', 'set', 'dev', 'eth0', ...change]);
    expect(await check()).toMatchObject({ exitCode: 1, json: { msg: message } });
  });

  it.each([
    [{ promisc: 'yes' }, 'Invalid "promisc"'],
    [{ txQLen: -1 }, 'Invalid "txQLen"'],
    [{ allmulti: 1 }, 'Invalid "allmulti"'],
    [{ mac: '01:00:00:00:00:01' }, 'Invalid "mac"'],
    [{ args: { cni: { txQLen: 1.5 } } }, 'Invalid "args.cni.txQLen"'],
    [{ args: { cni: { sysctl: { 'kernel.panic': '1' } } } }, 'Invalid "args.cni.sysctl.kernel.panic"'],
    [{ mtu: 1400, args: { cni: { mtu: 1401 } } }, 'Invalid "mtu"'],
  ])('refuse %j before a pair is made', async (conf, message) => {
    const { json } = await invoke(host, 'ADD', { netns: box.path, conf });
    expect(json).toMatchObject({ code: 7, msg: expect.stringContaining(message) });
    expect([await pairs(host), await allocated(host), await link(box, 'eth0')]).toEqual([[], [], undefined]);
  });
});

describe('options of netavark', () => {
  /** One that knows drivers, whatever the machine has. */
  async function placeNetavark(): Promise<void> {
    await host.run(['mkdir', '-p', '/run/helpers']);
    await writeFile(host.file('/run/helpers/netavark'), '#!/bin/sh\necho netavark 1.14.0\n', { mode: 0o755 });
    const conf =
      '[engine]\nhelper_binaries_dir = ["/run/helpers"]\n[network]\nnetwork_config_dir = "/run/networks"\n';
    await writeFile(host.file('/run/containers.conf'), conf);
  }

  const OPTIONS = { promisc: 'true', allmulti: 'true', txqlen: '77', mtu: '1400' };

  it('set the interface, for a network or for one container', async () => {
    const call = { network: { options: OPTIONS }, options: { txqlen: '5', mtu: '1300' } };
    await setup(host, box, call);
    expect(await settings()).toMatchObject({ promisc: true, allmulti: true, txqlen: 5, mtu: 1300 });
    expect((await link(host, 'flatnet-br1')).mtu).toBe(1400);
    await teardown(host, box, call);
    expect(await pairs(host)).toEqual([]);
  });

  it('set sysctls, those of a container before those of its network', async () => {
    const network = {
      options: {
        'sysctl.net.ipv4.conf.IFNAME.log_martians': '1',
        'sysctl.net.core.somaxconn': '512',
        'sysctl.net.ipv4.ip_local_reserved_ports': '80,443',
      },
    };
    await setup(host, box, { network, options: { 'sysctl.net/core/somaxconn': '600' } });
    const read = (key: string) => box.run(['cat', `/proc/sys/net/${key}`]);
    expect([
      await read('ipv4/conf/eth0/log_martians'),
      await read('core/somaxconn'),
      await read('ipv4/ip_local_reserved_ports'),
    ]).toEqual(['1\n', '600\n', '80,443\n']);
  });

  it("refuse a sysctl that the host's allow-list does not have, when the network is made and after", async () => {
    await host.run(['mkdir', '-p', '/etc/cni/tuning']);
    await writeFile(host.file('/etc/cni/tuning/allowlist.conf'), '^net\\.ipv4\\.conf\\.eth0\\..*$\n');
    await placeNetavark();
    const create = async (options: Readonly<Record<string, string>>): Promise<any> => {
      const input = JSON.stringify({ ...LAB, name: 'own', options });
      const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', CONTAINERS_CONF: '/run/containers.conf' };
      return JSON.parse((await host.exec([EXECUTABLE, 'create'], { input, env })).stdout);
    };
    const refused = { 'sysctl.net.core.somaxconn': '512' };
    const message = 'Invalid "sysctl": key "net.core.somaxconn" is not allowed on this host';
    expect((await create(refused)).error).toContain(message);
    expect((await trySetup(host, box, { network: { options: refused } })).json.error).toContain(message);
    const allowed = { 'sysctl.net.ipv4.conf.IFNAME.arp_notify': '1' };
    expect(await create(allowed)).toMatchObject({ options: allowed });
  });

  it.each([
    [{ 'sysctl.kernel.panic': '1' }, 'Invalid "options.sysctl.kernel.panic"'],
    [{ sysctl: 'net.core.somaxconn=1' }, 'the key in the name of the option'],
    [{ txqlen: 'long' }, 'Invalid "options.txqlen"'],
  ])('refuse %j before anything is made', async (options, message) => {
    const { exitCode, json } = await trySetup(host, box, { network: { options } });
    expect([exitCode, json.error]).toEqual([1, expect.stringContaining(message)]);
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
  });
});
