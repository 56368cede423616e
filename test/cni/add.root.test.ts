import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { link, reaches } from '../fixtures/links.ts';
import { allocated, attach, invoke, pairs, PLAIN } from '../fixtures/plugin.ts';

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

async function sandboxOf(pid: number): Promise<string> {
  return host.run(['readlink', `/proc/${pid}/ns/net`]);
}

async function breakRule(): Promise<void> {
  await host.run(['nft', 'flush', 'chain', 'inet', 'flatnet', 'masquerade-flatnet']);
}

describe('ADD', () => {
  it('makes the default network of an empty configuration and attaches to it', async () => {
    const sandbox = await host.addSandbox();
    const result = await attach(host, sandbox);
    expect(result).toMatchObject({
      cniVersion: '1.0.0',
      interfaces: [{ name: 'flatnet-br0' }, {}, { name: 'eth0', sandbox: sandbox.path }],
      ips: [{ address: '10.87.1.2/24', gateway: '10.87.1.1', interface: 2 }],
      routes: [{ dst: '0.0.0.0/0', gw: '10.87.1.1' }],
    });
    expect(await reaches(host, '10.87.1.2')).toBe(true);
    expect(await reaches(sandbox, '10.87.1.1')).toBe(true);
  });

  it('reports what the kernel has', async () => {
    const sandbox = await host.addSandbox();
    const { interfaces } = await attach(host, sandbox);
    for (const { name, mac, sandbox: where } of interfaces) {
      expect((await link(where === undefined ? host : sandbox, name)).address).toBe(mac);
    }
  });

  it('gives three containers .2, .3 and .4, who reach each other', async () => {
    const sandboxes = [await host.addSandbox(), await host.addSandbox(), await host.addSandbox()];
    for (const [index, sandbox] of sandboxes.entries())
      await attach(host, sandbox, { containerID: `box${index}` });
    expect(await allocated(host)).toEqual(['flatnet/10.87.1.2', 'flatnet/10.87.1.3', 'flatnet/10.87.1.4']);
    for (const sandbox of sandboxes) {
      await sandbox.run(['ip', 'link', 'set', 'lo', 'up']);
      for (const address of ['10.87.1.2', '10.87.1.3', '10.87.1.4'])
        expect(await reaches(sandbox, address)).toBe(true);
    }
  });

  it('refuses the same attachment twice and leaves the first untouched', async () => {
    const sandbox = await host.addSandbox();
    await attach(host, sandbox);
    const before = [await host.snapshot(), await sandbox.snapshot(), await allocated(host)];
    const { exitCode, json } = await invoke(host, 'ADD', { netns: sandbox.path });
    expect([exitCode, json.msg]).toEqual([1, expect.stringContaining('attached already')]);
    expect([await host.snapshot(), await sandbox.snapshot(), await allocated(host)]).toEqual(before);
  });

  it('refuses the same attachment twice after its state was lost, and leaves the first untouched', async () => {
    const sandbox = await host.addSandbox();
    await attach(host, sandbox);
    await host.run(['rm', '-r', '/var/lib/flatnet']);
    expect((await invoke(host, 'ADD', { netns: sandbox.path })).exitCode).toBe(1);
    expect(await reaches(host, '10.87.1.2')).toBe(true);
  });

  it('moves an attachment whose DEL was lost to its new sandbox, with its address', async () => {
    const [first, second] = [await host.addSandbox(), await host.addSandbox()];
    await attach(host, first);
    const { ips } = await attach(host, second);
    expect(ips[0].address).toBe('10.87.1.2/24');
    expect(await link(first, 'eth0')).toBeUndefined();
    expect(await pairs(host)).toHaveLength(1);
    expect(await reaches(host, '10.87.1.2')).toBe(true);
  });

  it('refuses an interface name that the sandbox has already, and leaves no trace', async () => {
    const sandbox = await host.addSandbox();
    await sandbox.run(['ip', 'link', 'add', 'eth0', 'type', 'bridge']);
    const before = await sandbox.snapshot();
    const { json } = await invoke(host, 'ADD', { netns: sandbox.path });
    expect(json).toMatchObject({ code: 101, msg: 'Interface "eth0" exists already in the sandbox' });
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
    expect(await sandbox.snapshot()).toEqual(before);
  });

  it('does not mind that the host has an interface of that name', async () => {
    await host.run(['ip', 'link', 'add', 'eth0', 'type', 'bridge']);
    await attach(host, await host.addSandbox());
    expect((await link(host, 'eth0')).linkinfo.info_kind).toBe('bridge');
  });

  it('takes the bridge that somebody made by hand', async () => {
    await host.run(['ip', 'link', 'add', 'flatnet-br0', 'type', 'bridge']);
    await host.run(['ip', 'addr', 'add', '10.87.1.1/24', 'dev', 'flatnet-br0']);
    await host.run(['ip', 'link', 'set', 'flatnet-br0', 'up']);
    await attach(host, await host.addSandbox());
    expect(await reaches(host, '10.87.1.2')).toBe(true);
  });

  it.each([
    [
      'is no bridge',
      [['ip', 'link', 'add', 'flatnet-br0', 'type', 'vxlan', 'id', '7', 'dstport', '4789']],
      'exists but is not a bridge',
    ],
    [
      'has another address',
      [
        ['ip', 'link', 'add', 'flatnet-br0', 'type', 'bridge'],
        ['ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'flatnet-br0'],
      ],
      'has address 192.0.2.1/24, the network wants 10.87.1.1/24',
    ],
  ])('says so when the bridge %s, and leaves no trace', async (_what, commands, sentence) => {
    for (const command of commands) await host.run(command);
    const sandbox = await host.addSandbox();
    const { json } = await invoke(host, 'ADD', { netns: sandbox.path });
    expect(json).toMatchObject({ code: 100, msg: expect.stringContaining(sentence) });
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
    expect(await link(sandbox, 'eth0')).toBeUndefined();
  });

  it('gives the bridge and the pair the MTU of the default route', async () => {
    await host.run(['ip', 'link', 'add', 'up0', 'mtu', '1400', 'type', 'bridge']);
    await host.run(['ip', 'addr', 'add', '192.0.2.2/24', 'dev', 'up0']);
    await host.run(['ip', 'link', 'set', 'up0', 'up']);
    await host.run(['ip', 'route', 'add', 'default', 'via', '192.0.2.1']);
    // As router advertisements may have it: no matter of the link's.
    await host.run(['sysctl', '-q', '-w', 'net.ipv6.conf.up0.mtu=1280']);
    const sandbox = await host.addSandbox();
    await attach(host, sandbox);
    expect((await link(host, 'flatnet-br0')).mtu).toBe(1400);
    expect((await link(sandbox, 'eth0')).mtu).toBe(1400);
  });

  it('attaches one container to two networks, and the first keeps the default route', async () => {
    const sandbox = await host.addSandbox();
    await attach(host, sandbox);
    const other = { name: 'other', bridge: 'other0', ipam: { ranges: [[{ subnet: '10.99.0.0/24' }]] } };
    await attach(host, sandbox, { conf: other, ifname: 'eth1' });
    const routes = JSON.parse(await sandbox.run(['ip', '-j', 'route', 'get', '192.0.2.1']));
    expect(routes[0].dev).toBe('eth0');
    expect(await allocated(host)).toEqual(['flatnet/10.87.1.2', 'other/10.99.0.2']);
    await invoke(host, 'DEL', { netns: sandbox.path });
    expect(JSON.parse(await sandbox.run(['ip', '-j', 'route', 'get', '192.0.2.1']))[0].dev).toBe('eth1');
  });

  it('gives the address and the MAC that are asked for, in CNI_ARGS as Podman does', async () => {
    const sandbox = await host.addSandbox();
    const result = await attach(host, sandbox, {
      args: 'IgnoreUnknown=1;MAC=02:00:00:00:00:07;IP=10.87.1.77',
    });
    expect(result.ips[0].address).toBe('10.87.1.77/24');
    expect((await link(sandbox, 'eth0')).address).toBe('02:00:00:00:00:07');
  });

  it('names the live holder of an address that is asked for', async () => {
    await attach(host, await host.addSandbox(), { args: 'K8S_POD_NAME=web' });
    const sandbox = await host.addSandbox();
    const { json } = await invoke(host, 'ADD', {
      netns: sandbox.path,
      containerID: 'box2',
      args: 'IP=10.87.1.2',
    });
    expect(json.code).toBe(102);
    expect(`${json.msg}: ${json.details}`).toContain('web');
    expect(await allocated(host)).toEqual(['flatnet/10.87.1.2']);
  });

  it('masquerades what leaves the network, with one rule for two containers, and nothing else', async () => {
    const [first, second] = [await host.addSandbox(), await host.addSandbox()];
    const conf = { ipMasq: true };
    await attach(host, first, { conf });
    await attach(host, second, { conf, containerID: 'box2' });
    const rules = await host.run(['nft', 'list', 'chain', 'inet', 'flatnet', 'masquerade-flatnet']);
    expect(rules.match(/ masquerade /g)).toHaveLength(1);
    const outside = await host.addSandbox('outside');
    await host.run(['ip', 'link', 'add', 'out0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'outside']);
    await host.run(['ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'out0']);
    await host.run(['ip', 'link', 'set', 'out0', 'up']);
    await outside.run(['ip', 'addr', 'add', '192.0.2.2/24', 'dev', 'eth0']);
    await outside.run(['ip', 'link', 'set', 'eth0', 'up']);
    // The outside has no route back to 10.87.1.0/24: an answer proves that the address was translated.
    expect(await reaches(first, '192.0.2.2')).toBe(true);
    await breakRule();
    expect(await reaches(first, '192.0.2.2')).toBe(false);
    await invoke(host, 'DEL', { containerID: 'box2' });
    await attach(host, second, { conf, containerID: 'box3' });
    expect(await reaches(first, '192.0.2.2')).toBe(true);
  });

  it('attaches twenty containers at once, each with its own address, though no bridge is there yet', async () => {
    const sandboxes = await Promise.all(Array.from({ length: 20 }, () => host.addSandbox()));
    const results = await Promise.all(
      sandboxes.map((sandbox, index) =>
        attach(host, sandbox, { containerID: `box${index}`, conf: { ipMasq: true } }),
      ),
    );
    expect(new Set(results.map(({ ips }) => ips[0].address)).size).toBe(20);
    expect(await allocated(host)).toHaveLength(20);
    await Promise.all(sandboxes.map((_, index) => invoke(host, 'DEL', { containerID: `box${index}` })));
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
  });

  it('says that a pool is full, how full, and what to do; the next after a DEL gets the address', async () => {
    const conf = { ipam: { ranges: [[{ subnet: '10.98.0.0/30' }]] } };
    await attach(host, await host.addSandbox(), { conf });
    const sandbox = await host.addSandbox();
    const { json } = await invoke(host, 'ADD', { conf, netns: sandbox.path, containerID: 'box2' });
    expect(json.code).toBe(102);
    expect(`${json.msg}: ${json.details}`).toMatch(/10\.98\.0\.[\s\S]*flatnet ipam gc/);
    expect(await pairs(host)).toHaveLength(1);
    await invoke(host, 'DEL', { conf });
    expect((await attach(host, sandbox, { conf, containerID: 'box2' })).ips[0].address).toBe('10.98.0.2/30');
  });

  it('passes the result of the plugin before it through', async () => {
    const prevResult = {
      cniVersion: '1.0.0',
      interfaces: [{ name: 'net9', sandbox: '/run/netns/sandbox1', mac: '02:00:00:00:00:09' }],
      ips: [{ address: '198.51.100.5/24', interface: 0 }],
      routes: [{ dst: '198.51.100.0/24' }],
    };
    const result = await attach(host, await host.addSandbox(), { conf: { prevResult } });
    expect(result.interfaces).toHaveLength(4);
    expect(result.ips).toEqual([
      prevResult.ips[0],
      { address: '10.87.1.2/24', gateway: '10.87.1.1', interface: 3 },
    ]);
    expect(result.routes[0]).toEqual({ dst: '198.51.100.0/24' });
  });

  it('undoes everything when the result cannot be delivered', async () => {
    const sandbox = await host.addSandbox();
    const before = await sandbox.snapshot();
    const script = 'exec "$0" >/dev/full';
    const { exitCode } = await host.exec(['sh', '-c', script, EXECUTABLE], {
      input: JSON.stringify(PLAIN),
      env: { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'box1', CNI_IFNAME: 'eth0', CNI_NETNS: sandbox.path },
    });
    expect(exitCode).toBe(1);
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
    expect(await sandbox.snapshot()).toEqual(before);
  });
});

describe('ADD of a route that cannot be', () => {
  it('names the route, and leaves no trace', async () => {
    const sandbox = await host.addSandbox();
    const conf = { ipam: { routes: [{ dst: '192.0.2.0/24', gw: '203.0.113.1' }] } };
    const { json } = await invoke(host, 'ADD', { conf, netns: sandbox.path });
    expect(json).toMatchObject({ code: 104, msg: expect.stringContaining('192.0.2.0/24') });
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
    expect(await link(sandbox, 'eth0')).toBeUndefined();
  });
});

describe('the sandbox', () => {
  it.each([
    ['does not exist', '/run/netns/none', 'there is no such file'],
    ['is a plain file', '/etc/hostname', 'it is not a namespace file'],
    ['is the host itself', '/proc/self/ns/net', 'the network namespace of the host'],
  ])('that %s is refused with code 103', async (_what, netns, sentence) => {
    const { json } = await invoke(host, 'ADD', { netns });
    expect(json).toMatchObject({ code: 103, msg: expect.stringContaining(sentence) });
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
  });

  it('that is a namespace of another kind is refused with code 103 before anything is made', async () => {
    await host.run(['touch', '/run/uts']);
    await host.run(['mount', '--bind', '/proc/self/ns/uts', '/run/uts']);
    for (const netns of ['/proc/self/ns/uts', '/run/uts']) {
      const { json } = await invoke(host, 'ADD', { netns });
      expect(json).toMatchObject({
        code: 103,
        msg: expect.stringContaining('it is a namespace of another kind'),
      });
    }
    const { exitCode } = await host.exec(['ls', '/var/lib/flatnet']);
    expect([await pairs(host), exitCode]).toEqual([[], 2]);
  });

  it('may be named by a process, as containerd does', async () => {
    const sandbox = await host.addSandbox();
    const sleeper = sandbox.start(['sleep', '100']);
    await expect
      .poll(() => sandboxOf(sleeper.pid))
      .toBe(await sandbox.run(['readlink', '/proc/self/ns/net']));
    const { exitCode, stdout } = await invoke(host, 'ADD', { netns: `/proc/${sleeper.pid}/ns/net` });
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('10.87.1.2')]);
    sleeper.kill('SIGKILL');
    await sleeper.result;
  });
});

describe('an interrupt', () => {
  it('during ADD undoes what was made', async () => {
    const sandbox = await host.addSandbox();
    // A tool that never ends holds the first ADD of a network where it makes the rules, after the pair. What it is asked
    // before is what the kernel can do.
    await host.run(['mkdir', '/run/bin']);
    await host.run(['tee', '/run/bin/nft'], { input: '#!/bin/sh\n[ "$1" = -c ] || exec sleep 100\n' });
    await host.run(['chmod', '+x', '/run/bin/nft']);
    await host.run(['mount', '--bind', '/run/bin/nft', '/usr/sbin/nft']);
    const call = host.start([EXECUTABLE], {
      input: JSON.stringify({ ...PLAIN, ipMasq: true }),
      env: { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'box1', CNI_IFNAME: 'eth0', CNI_NETNS: sandbox.path },
    });
    await expect.poll(() => pairs(host), { timeout: 10_000 }).toHaveLength(1);
    process.kill(call.pid, 'SIGTERM');
    const { stdout, exitCode } = await call.result;
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ code: 11, msg: 'ADD was interrupted by SIGTERM' });
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
  });
});
