import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { allocated, attach, invoke, pairs } from '../fixtures/plugin.ts';
import { reaches } from '../fixtures/traffic.ts';

let host: Host;
let sandbox: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  sandbox = await host.addSandbox('box');
});
afterEach(() => host.dispose());

const DUAL = { ipam: { ranges: [[{ subnet: '10.87.1.0/24' }], [{ subnet: 'fd00:87::/64' }]] } };

async function bridge(): Promise<any> {
  return JSON.parse(await host.run(['ip', '-j', '-d', 'addr', 'show', 'dev', 'flatnet-br0']))[0];
}

async function addresses(): Promise<readonly string[]> {
  const info = (await bridge()).addr_info.filter(({ scope }: any) => scope === 'global');
  return info.map(({ local, prefixlen }: any) => `${local}/${prefixlen}`);
}

describe('forceAddress', () => {
  beforeEach(async () => {
    await host.run(['ip', 'link', 'add', 'flatnet-br0', 'type', 'bridge']);
    for (const address of ['192.0.2.1/24', 'fd00:87::9/64', 'fd00:99::1/64']) {
      await host.run(['ip', 'address', 'add', address, 'dev', 'flatnet-br0']);
    }
  });

  it('replaces the addresses in the way, of both families, and no others', async () => {
    await attach(host, sandbox, { conf: { ...DUAL, forceAddress: true } });
    expect(await addresses()).toEqual(['10.87.1.1/24', 'fd00:87::1/64', 'fd00:99::1/64']);
    expect([await reaches(sandbox, '10.87.1.1'), await reaches(sandbox, 'fd00:87::1')]).toEqual([true, true]);
  });

  it.each([
    ['IPv4', { ipam: { ranges: [[{ subnet: '10.87.1.0/24' }]] } }, '192.0.2.1/24', '10.87.1.1/24'],
    ['IPv6', { ipam: { ranges: [[{ subnet: 'fd00:87::/64' }]] } }, 'fd00:87::9/64', 'fd00:87::1/64'],
  ])(
    'is needed for that: else they are named, and nothing is left (%s)',
    async (_family, conf, has, wants) => {
      const { json } = await invoke(host, 'ADD', { netns: sandbox.path, conf });
      expect(json).toMatchObject({
        code: 100,
        msg: `Bridge "flatnet-br0" has address ${has}, the network wants ${wants}`,
        details: expect.stringContaining('"forceAddress": true'),
      });
      expect([await allocated(host), await pairs(host)]).toEqual([[], []]);
    },
  );
});

describe('a network with two ranges for one address', () => {
  it('goes on with the second when the first is full: both gateways are there', async () => {
    const conf = { ipam: { ranges: [[{ subnet: '10.1.0.0/30' }, { subnet: '10.2.0.0/24' }]] } };
    const other = await host.addSandbox('other');
    await attach(host, sandbox, { containerID: 'first', conf });
    await attach(host, other, { containerID: 'second', conf });
    expect(await addresses()).toEqual(['10.1.0.1/30', '10.2.0.1/24']);
    expect([await reaches(sandbox, '10.2.0.2'), await reaches(other, '10.1.0.2')]).toEqual([true, true]);
  });
});

describe('promiscMode', () => {
  const CONF = { promiscMode: true };

  it('has the bridge see every packet, and CHECK names it when it does not any more', async () => {
    const prevResult = await attach(host, sandbox, { conf: CONF });
    expect((await bridge()).flags).toContain('PROMISC');
    const check = () => invoke(host, 'CHECK', { netns: sandbox.path, conf: { ...CONF, prevResult } });
    expect((await check()).stdout).toBe('');
    await host.run(['ip', 'link', 'set', 'dev', 'flatnet-br0', 'promisc', 'off']);
    expect((await check()).json.msg).toBe('Bridge "flatnet-br0" is no longer promiscuous');
  });

  it('beside hairpinMode is refused, but does not keep a container from being removed', async () => {
    const conf = { ...CONF, hairpinMode: true };
    const { json } = await invoke(host, 'ADD', { netns: sandbox.path, conf });
    expect(json).toMatchObject({
      code: 7,
      msg: 'Invalid "promiscMode" in the configuration of network "flatnet": true',
    });
    expect(await host.run(['ip', '-o', 'link'])).not.toContain('flatnet-br0');
    expect((await invoke(host, 'DEL', { netns: sandbox.path, conf })).exitCode).toBe(0);
  });
});

describe('the MAC of the bridge', () => {
  it("is its own, no container's, and stays as ports with lower ones come and go", async () => {
    await attach(host, sandbox);
    const { address } = await bridge();
    expect(address).toMatch(/^06:58:/);
    await host.run([
      'ip',
      'link',
      'add',
      'name',
      'low0',
      'address',
      '02:00:00:00:00:01',
      'type',
      'veth',
      'peer',
      'name',
      'low1',
    ]);
    await host.run(['ip', 'link', 'set', 'dev', 'low0', 'master', 'flatnet-br0', 'up']);
    expect((await bridge()).address).toBe(address);
    await invoke(host, 'DEL', { netns: sandbox.path });
    await host.run(['ip', 'link', 'del', 'dev', 'low0']);
    expect((await bridge()).address).toBe(address);
  });
});

describe('a port in hairpin mode', () => {
  it.each([true, false])('is what "hairpinMode": %s makes', async (hairpinMode) => {
    await attach(host, sandbox, { conf: { hairpinMode } });
    const [port = ''] = await pairs(host);
    const [link] = JSON.parse(await host.run(['ip', '-j', '-d', 'link', 'show', 'dev', port]));
    expect(link.linkinfo.info_slave_data.hairpin).toBe(hairpinMode);
  });
});
