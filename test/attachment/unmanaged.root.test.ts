import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { setup, teardown, trySetup } from '../fixtures/driver.ts';
import { link } from '../fixtures/links.ts';
import { allocated, attach, invoke, pairs, PLAIN } from '../fixtures/plugin.ts';

let host: Host;
let box: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  box = await host.addSandbox();
});
afterEach(() => host.dispose());

const CONF = { bridge: 'theirs', mode: 'unmanaged' };
const NETWORK = { network_interface: 'theirs', options: { mode: 'unmanaged' } };
const KEYS = ['accept_ra', 'accept_dad', 'disable_ipv6'].map((key) => `ipv6/conf/theirs/${key}`);

/** A bridge of the admin; one that flatnet itself once made has another MAC. */
async function makeBridge(mac: string): Promise<void> {
  await host.run(['ip', 'link', 'add', 'name', 'theirs', 'address', mac, 'type', 'bridge']);
  // One given at creation is lost with the last port, in any bridge.
  await host.run(['ip', 'link', 'set', 'dev', 'theirs', 'mtu', '1450']);
  await host.run(['ip', 'address', 'add', '10.87.2.77/24', 'dev', 'theirs']);
  await host.run(['sysctl', '-q', '-w', 'net.ipv4.conf.all.rp_filter=1']);
}

/** Everything about the bridge that flatnet sets on one of its own. */
async function state() {
  const { flags, mtu, address, addr_info: addresses } = await link(host, 'theirs');
  const sysctls = await Promise.all(
    [...KEYS, 'ipv4/conf/theirs/rp_filter', 'ipv4/ip_forward'].map((key) =>
      host.run(['cat', `/proc/sys/net/${key}`]),
    ),
  );
  const locals = addresses.filter(({ scope }: any) => scope === 'global').map(({ local }: any) => local);
  const isUp = flags.includes('UP');
  return { isUp, promisc: flags.includes('PROMISC'), mtu, address, locals, sysctls };
}

describe('an unmanaged bridge', () => {
  it.each([
    ['02:00:00:00:00:77', 'up'],
    ['02:00:00:00:00:77', 'down'],
    ['06:58:00:00:00:77', 'up'],
  ])('of MAC %s, which is %s, keeps all it has, with CNI and with netavark', async (mac, up) => {
    await makeBridge(mac);
    await host.run(['ip', 'link', 'set', 'dev', 'theirs', up]);
    const [before, rules] = [await state(), await host.run(['nft', 'list', 'ruleset'])];
    const { interfaces } = await attach(host, box, { conf: CONF });
    await setup(host, await host.addSandbox(), { network: NETWORK, containerID: 'box2' });
    expect(await state()).toEqual(before);
    expect(await host.run(['nft', 'list', 'ruleset'])).toEqual(rules);
    expect(await link(host, interfaces[1].name)).toMatchObject({ master: 'theirs', mtu: 1450 });
    expect((await box.run(['ip', 'route', 'show', 'default'])).trim()).toBe('default via 10.87.1.1 dev eth0');
    const warned = readFileSync(host.file('/var/log/flatnet/cni.log'), 'utf8').includes(
      'is down: ip link set',
    );
    expect(warned).toBe(up === 'down');
    await invoke(host, 'DEL', { conf: CONF, netns: box.path });
    await teardown(host, { path: '' }, { network: NETWORK, containerID: 'box2' });
    expect([await state(), await pairs(host), await allocated(host)]).toEqual([before, [], []]);
  });

  it('that is not there is not made', async () => {
    const before = await host.snapshot();
    const add = await invoke(host, 'ADD', { netns: box.path, conf: CONF });
    const status = await invoke(host, 'STATUS', { conf: { ...CONF, cniVersion: '1.1.0' } });
    const driver = await trySetup(host, box, { network: NETWORK });
    const missing = 'Cannot use bridge "theirs" of network "flatnet": it is not there';
    expect(add.json).toMatchObject({
      code: 100,
      msg: missing,
      details: expect.stringContaining('type bridge'),
    });
    expect(status.json.msg).toBe(missing);
    expect(driver.json.error).toContain('Cannot use bridge "theirs" of network "lab": it is not there');
    expect([await host.snapshot(), await allocated(host)]).toEqual([before, []]);
  });

  it('that is another kind of link is refused', async () => {
    await host.run(['ip', 'link', 'add', 'name', 'theirs', 'type', 'veth', 'peer', 'name', 'other']);
    const { json } = await invoke(host, 'ADD', { netns: box.path, conf: CONF });
    expect(json.msg).toBe('"theirs" exists but is not a bridge (it is a veth)');
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
  });

  it.each(['isGateway', 'promiscMode', 'forceAddress', 'ipMasq', 'forwardAccept'])(
    'excludes the key %s',
    async (key) => {
      const { json } = await invoke(host, 'ADD', { netns: box.path, conf: { ...CONF, [key]: true } });
      expect(json).toMatchObject({ code: 7, msg: expect.stringContaining(`Invalid "${key}"`) });
    },
  );

  it.each(['promisc-mode', 'force-address', 'masquerade', 'forward-accept', 'isolate'])(
    'excludes the option %s',
    async (name) => {
      const network = { ...NETWORK, options: { ...NETWORK.options, [name]: 'true' } };
      expect((await trySetup(host, box, { network })).json.error).toContain(`Invalid "options.${name}"`);
    },
  );

  it('outlives its network, and is not made or changed by doctor --fix', async () => {
    await makeBridge('02:00:00:00:00:77');
    await host.run(['mkdir', '-p', '/etc/cni/net.d']);
    const file = host.file('/etc/cni/net.d/lan.conflist');
    writeFileSync(file, JSON.stringify({ ...PLAIN, name: 'lan', plugins: [{ type: 'flatnet', ...CONF }] }));
    await attach(host, box, { conf: { ...CONF, name: 'lan' } });
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
    // What doctor --fix does for other networks.
    await host.run(['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1']);
    const before = await state();
    const { stdout } = await host.exec([EXECUTABLE, 'doctor', '--fix'], { env });
    expect(stdout).toContain('ip link set dev theirs up');
    expect(await state()).toEqual(before);
    await invoke(host, 'DEL', { conf: { ...CONF, name: 'lan' }, netns: box.path });
    const removed = await host.run([EXECUTABLE, 'network', 'rm', 'lan'], { env });
    expect(removed).toContain('left bridge theirs');
    expect(await state()).toEqual(before);
  });
});
