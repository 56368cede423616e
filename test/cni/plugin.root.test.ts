// Covers: bridge/ensure.ts, attachment/attach.ts, attachment/cancel.ts, attachment/inspect.ts, attachment/connect.ts, attachment/detach.ts
// Covers: cni/delegate.ts, attachment/explain.ts, attachment/collect.ts, attachment/store.ts, attachment/lease.ts, attachment/log.ts, attachment/readiness.ts
// Covers: sys/netns.ts, sys/sysctl.ts, veth/find.ts, veth/remove.ts
// Covers: attachment/context.ts, attachment/refusals.ts, attachment/resolver.ts, attachment/schema.ts, attachment/spec.ts, cni/
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { allocated, attach, invoke, pairs, PLAIN } from '../fixtures/plugin.ts';

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

async function links(place: Host | Sandbox): Promise<any[]> {
  return JSON.parse(await place.run(['ip', '-j', '-d', 'addr', 'show']));
}

async function link(place: Host | Sandbox, name: string): Promise<any> {
  return (await links(place)).find(({ ifname }) => ifname === name);
}

async function reaches(from: Host | Sandbox, address: string): Promise<boolean> {
  return (await from.exec(['busybox', 'ping', '-c', '1', '-W', '2', address])).exitCode === 0;
}

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
    ['is a plain file', '/etc/hostname', 'it is no namespace file'],
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

describe('DEL', () => {
  const state = async () => [await pairs(host), await allocated(host)];

  it('removes everything, however often and however little it is told', async () => {
    const sandbox = await host.addSandbox();
    const empty = await sandbox.snapshot();
    await attach(host, sandbox);
    expect(await invoke(host, 'DEL')).toMatchObject({ exitCode: 0, stdout: '' });
    expect(await state()).toEqual([[], []]);
    expect(await sandbox.snapshot()).toEqual(empty);
    expect((await invoke(host, 'DEL', { netns: sandbox.path })).exitCode).toBe(0);
    expect((await invoke(host, 'DEL', { netns: '/run/netns/gone' })).exitCode).toBe(0);
  });

  it('succeeds for what was never added', async () => {
    expect((await invoke(host, 'DEL')).exitCode).toBe(0);
  });

  it('removes the pair although the state is lost', async () => {
    await attach(host, await host.addSandbox());
    await host.run(['rm', '-r', '/var/lib/flatnet']);
    expect((await invoke(host, 'DEL')).exitCode).toBe(0);
    expect(await state()).toEqual([[], []]);
  });

  it.each(['', '{', '[]', '{"version":99}'])('succeeds with %j for a state file', async (text) => {
    await attach(host, await host.addSandbox());
    await host.run(['tee', '/var/lib/flatnet/ipam/allocations.json'], { input: text });
    expect((await invoke(host, 'DEL')).exitCode).toBe(0);
    expect(await state()).toEqual([[], []]);
  });

  it('releases the address of a sandbox that died', async () => {
    const sandbox = await host.addSandbox();
    await attach(host, sandbox);
    await sandbox.remove();
    expect((await invoke(host, 'DEL', { netns: sandbox.path })).exitCode).toBe(0);
    expect(await state()).toEqual([[], []]);
  });
});

describe('CHECK', () => {
  const conf = { ipMasq: true };

  async function attached(): Promise<{ sandbox: Sandbox; prevResult: any }> {
    const sandbox = await host.addSandbox();
    return { sandbox, prevResult: await attach(host, sandbox, { conf }) };
  }

  function check(sandbox: Sandbox, prevResult: any) {
    return invoke(host, 'CHECK', { netns: sandbox.path, conf: { ...conf, prevResult } });
  }

  it('finds nothing wrong right after ADD', async () => {
    const { sandbox, prevResult } = await attached();
    expect(await check(sandbox, prevResult)).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it('does not mind what others added later', async () => {
    const { sandbox, prevResult } = await attached();
    await sandbox.run(['ip', 'addr', 'add', '192.0.2.7/32', 'dev', 'eth0']);
    await sandbox.run(['ip', 'route', 'add', '198.51.100.0/24', 'via', '10.87.1.1']);
    expect((await check(sandbox, prevResult)).exitCode).toBe(0);
  });

  it.each([
    [
      'the address',
      'sandbox',
      ['ip', 'addr', 'del', '10.87.1.2/24', 'dev', 'eth0'],
      'lost its address 10.87.1.2/24',
    ],
    ['the default route', 'sandbox', ['ip', 'route', 'del', 'default'], 'Route to 0.0.0.0/0'],
    ['the link state', 'sandbox', ['ip', 'link', 'set', 'eth0', 'down'], '"eth0" in the sandbox is down'],
    [
      'the MAC',
      'sandbox',
      ['ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:01'],
      'has MAC 02:00:00:00:00:01',
    ],
    ['the interface', 'sandbox', ['ip', 'link', 'del', 'eth0'], 'Interface "eth0" in the sandbox is gone'],
    [
      'the gateway',
      'host',
      ['ip', 'addr', 'flush', 'dev', 'flatnet-br0'],
      'lacks its gateway address 10.87.1.1/24',
    ],
    ['the bridge', 'host', ['ip', 'link', 'del', 'flatnet-br0'], 'Bridge "flatnet-br0" is gone'],
    ['masquerade', 'host', ['nft', 'flush', 'ruleset'], 'Masquerade rule for 10.87.1.0/24 is gone'],
  ])('names %s when it is gone', async (_what, place, command, sentence) => {
    const { sandbox, prevResult } = await attached();
    await (place === 'host' ? host : sandbox).run(command);
    const { exitCode, json } = await check(sandbox, prevResult);
    expect([exitCode, `${json?.msg}; ${json?.details}`]).toEqual([1, expect.stringContaining(sentence)]);
  });

  it('finds nothing wrong when only the state file is lost: the links prove what is held', async () => {
    const { sandbox, prevResult } = await attached();
    await host.run(['rm', '-r', '/var/lib/flatnet']);
    expect((await check(sandbox, prevResult)).exitCode).toBe(0);
  });

  it('names an address that prevResult has and nobody holds', async () => {
    const { sandbox, prevResult } = await attached();
    const ips = [{ ...prevResult.ips[0], address: '10.87.1.9/24' }];
    await sandbox.run(['ip', 'addr', 'add', '10.87.1.9/24', 'dev', 'eth0']);
    expect((await check(sandbox, { ...prevResult, ips })).json.msg).toBe(
      'Address 10.87.1.9 is not allocated any more',
    );
  });

  it('names the bridge when the port was taken out of it', async () => {
    const { sandbox, prevResult } = await attached();
    await host.run(['ip', 'link', 'set', prevResult.interfaces[1].name, 'nomaster']);
    expect((await check(sandbox, prevResult)).json.msg).toContain('is in no bridge, not in "flatnet-br0"');
  });

  it('asks for prevResult when it is missing', async () => {
    const { sandbox } = await attached();
    const { json } = await invoke(host, 'CHECK', { netns: sandbox.path, conf });
    expect(json).toMatchObject({ code: 7, msg: expect.stringContaining('prevResult') });
  });
});

describe('GC', () => {
  const conf = { cniVersion: '1.1.0' };

  it('frees what is not in the list and keeps what is', async () => {
    const kept = await host.addSandbox();
    await attach(host, kept);
    await attach(host, await host.addSandbox(), { containerID: 'stale' });
    const valid = [{ containerID: 'box1', ifname: 'eth0' }];
    expect(
      (await invoke(host, 'GC', { conf: { ...conf, 'cni.dev/valid-attachments': valid } })).exitCode,
    ).toBe(0);
    expect(await allocated(host)).toEqual(['flatnet/10.87.1.2']);
    expect(await pairs(host)).toHaveLength(1);
    expect(await reaches(host, '10.87.1.2')).toBe(true);
  });

  it('frees everything for an empty list, but nothing of another network', async () => {
    await attach(host, await host.addSandbox());
    const other = { name: 'other', bridge: 'other0', ipam: { ranges: [[{ subnet: '10.99.0.0/24' }]] } };
    await attach(host, await host.addSandbox(), { conf: other, containerID: 'box2' });
    await invoke(host, 'GC', { conf: { ...conf, 'cni.dev/valid-attachments': [] } });
    expect(await allocated(host)).toEqual(['other/10.99.0.2']);
    expect(await pairs(host)).toHaveLength(1);
  });

  it('finds the link of an ADD that was killed before it could name it', async () => {
    const { interfaces } = await attach(host, await host.addSandbox());
    await host.run(['ip', 'link', 'set', 'dev', interfaces[1].name, 'alias', '']);
    await invoke(host, 'GC', { conf: { ...conf, 'cni.dev/valid-attachments': [] } });
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
  });

  it('does not touch a link whose alias names a valid attachment, whatever the state says of its name', async () => {
    const { interfaces } = await attach(host, await host.addSandbox());
    const alias = 'flatnet/1;net=flatnet;id=other;if=eth0;ip=;gw=';
    await host.run(['ip', 'link', 'set', 'dev', interfaces[1].name, 'alias', alias]);
    const valid = [{ containerID: 'other', ifname: 'eth0' }];
    await invoke(host, 'GC', { conf: { ...conf, 'cni.dev/valid-attachments': valid } });
    expect(await pairs(host)).toEqual([interfaces[1].name]);
  });

  it('frees nothing when the list is absent', async () => {
    await attach(host, await host.addSandbox());
    expect((await invoke(host, 'GC', { conf })).exitCode).toBe(0);
    expect(await allocated(host)).toEqual(['flatnet/10.87.1.2']);
  });
});

describe('a result that has room for one address of a family', () => {
  const RANGES = [[{ subnet: '10.1.0.0/24' }], [{ subnet: '10.2.0.0/24' }], [{ subnet: 'fd00:1::/64' }]];

  it.each(['flatnet', 'host-local'])(
    'is refused for two, addresses of %s, and nothing is left',
    async (type) => {
      const sandbox = await host.addSandbox();
      for (const cniVersion of ['0.1.0', '0.2.0']) {
        const conf = { cniVersion, ipam: { type, ranges: RANGES } };
        const { json } = await invoke(host, 'ADD', { netns: sandbox.path, conf });
        // host-local refuses it in words of its own.
        const words = type === 'flatnet' ? '"0.3.0" or newer' : 'does not support more than 1 address';
        expect(`${json.msg}: ${json.details}`).toContain(words);
        expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
        expect(await link(host, 'flatnet-br0')).toBeUndefined();
      }
      const fits = { cniVersion: '0.2.0', ipam: { type, ranges: [RANGES[0], RANGES[2]] } };
      const { ip4, ip6 } = await attach(host, sandbox, { conf: fits });
      expect([ip4.gateway, ip6.gateway]).toEqual(['10.1.0.1', 'fd00:1::1']);
    },
  );

  it('has one default route for each family where there are several addresses', async () => {
    const sandbox = await host.addSandbox();
    const { routes } = await attach(host, sandbox, { conf: { ipam: { ranges: RANGES } } });
    expect(routes).toEqual([
      { dst: '0.0.0.0/0', gw: '10.1.0.1' },
      { dst: '::/0', gw: 'fd00:1::1' },
    ]);
  });
});

describe('STATUS', () => {
  const conf = { cniVersion: '1.1.0' };

  it('is silent when ADD would work', async () => {
    expect(await invoke(host, 'STATUS', { conf })).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it('is 50 when the data directory cannot be written to', async () => {
    await host.run(['mount', '-o', 'remount,ro', '/var/lib']);
    const { json } = await invoke(host, 'STATUS', { conf });
    expect(json).toMatchObject({ code: 50, msg: expect.stringContaining('/var/lib/flatnet/ipam') });
  });

  it.each([
    ['is no bridge', 'link add flatnet-br0 type veth peer name x0', 'is not a bridge'],
    ['has another address', 'link add flatnet-br0 type bridge', 'has address 10.1.0.1/16'],
  ])('is 50 when what bears the name of the bridge %s', async (_what, made, words) => {
    await host.run(['ip', ...made.split(' ')]);
    await host.run(['ip', 'address', 'add', '10.1.0.1/16', 'dev', 'flatnet-br0']);
    const { json } = await invoke(host, 'STATUS', { conf });
    expect(json).toMatchObject({ code: 50, msg: expect.stringContaining(words) });
    const other = { ...conf, isGateway: false, bridge: words.includes('address') ? 'flatnet-br0' : 'b1' };
    expect((await invoke(host, 'STATUS', { conf: other })).stdout).toBe('');
  });

  it.each([
    ['forceAddress', { forceAddress: true }],
    ['a gateway of its own there', { ipam: { subnet: '10.1.0.0/16' } }],
  ])('is silent about an address on the bridge with %s', async (_what, more) => {
    await host.run(['ip', 'link', 'add', 'flatnet-br0', 'type', 'bridge']);
    await host.run(['ip', 'address', 'add', '10.1.0.1/16', 'dev', 'flatnet-br0']);
    const { stdout } = await invoke(host, 'STATUS', { conf: { ...conf, ...more } });
    expect(stdout).toBe('');
  });

  it('is 50 when the pool is exhausted', async () => {
    const small = { ...conf, ipam: { ranges: [[{ subnet: '10.98.0.0/30' }]] } };
    await attach(host, await host.addSandbox(), { conf: small });
    const { json } = await invoke(host, 'STATUS', { conf: small });
    expect(json).toMatchObject({ code: 50, msg: expect.stringContaining('10.98.0.') });
  });
});

describe('a caller that is not root', () => {
  it.each(['ADD', 'DEL', 'CHECK'])('is told so by %s', async (verb) => {
    const sandbox = await host.addSandbox();
    const { exitCode, stdout } = await host.exec(
      ['setpriv', '--reuid', '65534', '--clear-groups', EXECUTABLE],
      {
        input: JSON.stringify({ ...PLAIN, prevResult: {} }),
        env: { CNI_COMMAND: verb, CNI_CONTAINERID: 'box1', CNI_IFNAME: 'eth0', CNI_NETNS: sandbox.path },
      },
    );
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ msg: expect.stringContaining('not running as root') });
  });

  it('without CAP_NET_ADMIN is told what is missing, and nothing is left', async () => {
    const sandbox = await host.addSandbox();
    const { stdout } = await host.exec(['setpriv', '--bounding-set', '-net_admin', EXECUTABLE], {
      input: JSON.stringify(PLAIN),
      env: { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'box1', CNI_IFNAME: 'eth0', CNI_NETNS: sandbox.path },
    });
    expect(JSON.parse(stdout).details).toContain('CAP_NET_ADMIN');
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
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

describe('a reboot', () => {
  /** What a reboot does, as far as flatnet can see: another boot id, no link, no DEL. */
  async function reboot(id: string): Promise<void> {
    await host.run(['ip', 'link', 'del', 'flatnet-br0']);
    for (const pair of await pairs(host)) await host.run(['ip', 'link', 'del', pair]);
    await host.run(['tee', '/run/boot_id'], { input: `${id}\n` });
    await host.run(['mount', '--bind', '/run/boot_id', '/proc/sys/kernel/random/boot_id']);
  }

  it('frees the addresses of containers that are gone for ever, and gives each that returns its own', async () => {
    const [web, db] = [await host.addSandbox(), await host.addSandbox()];
    await attach(host, web, { containerID: 'web' });
    await attach(host, db, { containerID: 'db' });
    await reboot('11111111-2222-3333-4444-555555555555');
    const other = await host.addSandbox();
    expect((await attach(host, other, { containerID: 'new' })).ips[0].address).toBe('10.87.1.4/24');
    expect(await allocated(host)).toEqual(['flatnet/10.87.1.4']);
    const again = await host.addSandbox();
    expect((await attach(host, again, { containerID: 'db' })).ips[0].address).toBe('10.87.1.3/24');
  });

  it('does not exhaust a pool, however often it happens', async () => {
    const conf = { ipam: { ranges: [[{ subnet: '10.98.0.0/30' }]] } };
    for (const boot of [1, 2, 3]) {
      const sandbox = await host.addSandbox();
      const { ips } = await attach(host, sandbox, { conf, containerID: `box${boot}` });
      expect(ips[0].address).toBe('10.98.0.2/30');
      await reboot(`00000000-0000-0000-0000-00000000000${boot}`);
    }
  });
});
