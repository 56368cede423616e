import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { setup, teardown, trySetup } from '../fixtures/driver.ts';
import { link } from '../fixtures/links.ts';
import { allocated, attach, invoke, pairs } from '../fixtures/plugin.ts';

let host: Host;
let box: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  box = await host.addSandbox();
});
afterEach(() => host.dispose());

const CONF = { cniVersion: '1.1.0', disableContainerInterface: true, ipMasq: true };
const NETWORK = { subnets: [], options: { 'disable-container-interface': 'true' } };

/** What a runtime would see of the interface, and what it would leave behind. */
async function seen() {
  const { flags, addr_info: addresses, address, mtu } = await link(box, 'eth0');
  return { isUp: flags.includes('UP'), addresses, address, mtu };
}

async function nothingIsLeft() {
  const notes = await host.run(['sh', '-c', 'ls /run/flatnet | grep ^attachment- || true']);
  expect([await pairs(host), await allocated(host), notes]).toEqual([[], [], '']);
}

describe('disableContainerInterface', () => {
  it('makes the interface, which stays down and has no address, and a bridge without one', async () => {
    const { interfaces, ips, routes } = await attach(host, box, { conf: { ...CONF, mtu: 1400 } });
    expect([ips, routes, interfaces[2].name, interfaces[2].sandbox]).toEqual([[], [], 'eth0', box.path]);
    expect(await seen()).toEqual({ isUp: false, addresses: [], address: interfaces[2].mac, mtu: 1400 });
    const [bridge, outside] = [await link(host, 'flatnet-br0'), await link(host, interfaces[1].name)];
    expect(outside).toMatchObject({ master: 'flatnet-br0', flags: expect.arrayContaining(['UP']) });
    expect(bridge.addr_info.filter(({ family }: any) => family === 'inet')).toEqual([]);
    expect(await host.run(['nft', 'list', 'ruleset'])).toBe('');
    expect(await allocated(host)).toEqual([]);
  });

  it('passes packets as soon as somebody brings the interface up', async () => {
    await attach(host, box, { conf: CONF });
    const other = await host.addSandbox();
    await attach(host, other, { conf: CONF, containerID: 'box2' });
    for (const [place, address] of [
      [box, '198.51.100.1/24'],
      [other, '198.51.100.2/24'],
    ] as const) {
      await place.run(['ip', 'address', 'add', address, 'dev', 'eth0']);
      await place.run(['ip', 'link', 'set', 'dev', 'eth0', 'up']);
    }
    expect((await box.exec(['busybox', 'ping', '-c', '3', '-W', '2', '198.51.100.2'])).exitCode).toBe(0);
  });

  it('is fine for CHECK whether up or down, which still misses the interface', async () => {
    const prevResult = await attach(host, box, { conf: CONF });
    const check = () => invoke(host, 'CHECK', { netns: box.path, conf: { ...CONF, prevResult } });
    expect(await check()).toMatchObject({ exitCode: 0 });
    await box.run(['ip', 'link', 'set', 'dev', 'eth0', 'up']);
    expect(await check()).toMatchObject({ exitCode: 0 });
    await box.run(['ip', 'link', 'del', 'dev', 'eth0']);
    expect((await check()).json.msg).toBe('Interface "eth0" in the sandbox is gone');
  });

  it('is removed by DEL, also without a namespace and in an edited network, and by GC', async () => {
    await attach(host, box, { conf: CONF });
    expect((await invoke(host, 'DEL', { netns: box.path, conf: CONF })).exitCode).toBe(0);
    await nothingIsLeft();
    await attach(host, box, { conf: CONF });
    expect((await invoke(host, 'DEL')).exitCode).toBe(0);
    await nothingIsLeft();
    await attach(host, box, { conf: CONF });
    const gc = await invoke(host, 'GC', { conf: { ...CONF, 'cni.dev/valid-attachments': [] } });
    expect(gc.exitCode).toBe(0);
    await nothingIsLeft();
  });

  it('survives a reload, and answers STATUS', async () => {
    await attach(host, box, { conf: CONF });
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
    expect(await host.exec([EXECUTABLE, 'reload'], { env })).toMatchObject({ exitCode: 0 });
    expect((await seen()).isUp).toBe(false);
    expect((await invoke(host, 'STATUS', { conf: CONF })).exitCode).toBe(0);
  });

  it.each([
    [{ ipam: { type: 'host-local', subnet: '10.9.0.0/24' } }, 'Invalid "ipam" in the configuration'],
    [{ ipam: { ranges: [[{ subnet: '10.9.0.0/24' }]] } }, 'Invalid "ipam" in the configuration'],
    [{ runtimeConfig: { ips: ['10.87.1.9'] } }, 'Invalid "ips"'],
    [{ macspoofchk: true }, 'Invalid "macspoofchk"'],
  ])('excludes %j, and nothing is made', async (more, message) => {
    const before = await host.snapshot();
    const { json } = await invoke(host, 'ADD', { netns: box.path, conf: { ...CONF, ...more } });
    expect(json).toMatchObject({ code: 7, msg: expect.stringContaining(message) });
    expect([await host.snapshot(), await allocated(host)]).toEqual([before, []]);
  });

  it('is an option of netavark, too, of a network without subnets', async () => {
    const status = await setup(host, box, { network: NETWORK });
    expect(status).toEqual({ mac_address: (await seen()).address, subnets: [] });
    expect(await seen()).toMatchObject({ isUp: false, addresses: [] });
    await teardown(host, { path: '' }, { network: NETWORK });
    await nothingIsLeft();
    const { subnets: _none, ...options } = NETWORK;
    expect((await trySetup(host, box, { network: options })).json.error).toContain('Invalid "subnets"');
  });
});
