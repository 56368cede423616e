import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { allocated, attach, invoke, pairs } from '../fixtures/plugin.ts';

let host: Host;
let sandbox: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  sandbox = await host.addSandbox('box');
});
afterEach(() => host.dispose());

async function link(place: Host | Sandbox, name: string): Promise<any> {
  const { stdout } = await place.exec(['ip', '-j', 'link', 'show', 'dev', name]);
  return stdout === '' ? undefined : JSON.parse(stdout)[0];
}

const ip = (words: string) => host.run(['ip', ...words.split(' ')]);
const detach = (call = {}) => invoke(host, 'DEL', { netns: sandbox.path, ...call });
const checked = async (conf: object, prevResult: unknown) =>
  (await invoke(host, 'CHECK', { netns: sandbox.path, conf: { ...conf, prevResult } })).stdout;

/** A default route through a link of that MTU. */
async function uplink(mtu: number): Promise<void> {
  await ip('link add up0 type bridge');
  await ip(`link set dev up0 mtu ${mtu} up`);
  await ip('addr add 203.0.113.2/24 dev up0');
  await ip('route add default via 203.0.113.1');
}

const DUAL = { ipam: { ranges: [[{ subnet: '10.87.1.0/24' }], [{ subnet: 'fd00:87::/64' }]] } };
const LAN = {
  bridge: 'br0',
  isGateway: false,
  ipam: { subnet: '10.30.0.0/24', rangeStart: '10.30.0.192', gateway: '10.30.0.1' },
};

describe('a bridge that flatnet makes', () => {
  it.each(['10.90.3.0/24', 'fd00:90::/64'])(
    'has another MAC than the first container of %s',
    async (subnet) => {
      const conf = { isGateway: false, ipam: { subnet } };
      const { interfaces } = await attach(host, sandbox, { conf });
      const macs = interfaces.map(({ mac }: { mac: string }) => mac);
      expect(new Set(macs).size).toBe(3);
      expect((await link(host, 'flatnet-br0')).address).toBe(macs[0]);
    },
  );

  it('keeps its MTU, that of the uplink, when the last container leaves', async () => {
    await uplink(1400);
    await attach(host, sandbox);
    await detach();
    expect((await link(host, 'flatnet-br0')).mtu).toBe(1400);
    await attach(host, sandbox);
    expect((await link(sandbox, 'eth0')).mtu).toBe(1400);
  });

  it.each([
    ['the uplink has become narrower', 1400, {}],
    ['the configured MTU has become smaller', 1500, { mtu: 1300 }],
    ['the configured MTU has become larger', 1400, { mtu: 9000 }],
  ])('is put right at the next ADD when %s', async (_what, mtu, conf) => {
    await attach(host, sandbox, { conf: { mtu: 1450 } });
    await uplink(mtu);
    const other = await host.addSandbox('other');
    await attach(host, other, { containerID: 'box2', conf });
    const wanted = 'mtu' in conf ? conf.mtu : mtu;
    expect([(await link(host, 'flatnet-br0')).mtu, (await link(other, 'eth0')).mtu]).toEqual([
      wanted,
      wanted,
    ]);
  });
});

describe('a bridge made by hand', () => {
  beforeEach(() => ip('link add br0 type bridge'));

  it('keeps the MAC and MTU of the NIC that is its port', async () => {
    await ip('link add nic0 address fc:ff:ff:aa:bb:cc type veth peer name lan0');
    await ip('link set dev nic0 mtu 1400 master br0 up');
    await ip('link set dev br0 up');
    const state = async () => (({ address, mtu }) => ({ address, mtu }))(await link(host, 'br0'));
    const before = await state();
    expect(before).toEqual({ address: 'fc:ff:ff:aa:bb:cc', mtu: 1400 });
    const prevResult = await attach(host, sandbox, { conf: LAN });
    expect([await state(), (await link(sandbox, 'eth0')).mtu]).toEqual([before, 1400]);
    expect(await checked(LAN, prevResult)).toBe('');
    await detach({ conf: LAN });
    expect(await state()).toEqual(before);
  });

  it('keeps its MAC without a port of its own, and with pairs of a smaller MTU its own', async () => {
    await ip('link set dev br0 up');
    const { address } = await link(host, 'br0');
    const conf = { ...LAN, mtu: 1300 };
    const prevResult = await attach(host, sandbox, { conf });
    expect(await link(host, 'br0')).toMatchObject({ address, mtu: 1500 });
    expect((await link(sandbox, 'eth0')).mtu).toBe(1300);
    expect(await checked(conf, prevResult)).toBe('');
    const other = await host.addSandbox('other');
    await attach(host, other, { containerID: 'box2', conf });
    expect(await checked(conf, prevResult)).toBe('');
    await detach({ conf });
    await invoke(host, 'DEL', { netns: other.path, containerID: 'box2', conf });
    expect(await link(host, 'br0')).toMatchObject({ address, mtu: 1500 });
  });

  it('has containers of no larger MTU than its own', async () => {
    await ip('link set dev br0 mtu 1400 up');
    await attach(host, sandbox, { conf: { ...LAN, mtu: 9000 } });
    expect([(await link(host, 'br0')).mtu, (await link(sandbox, 'eth0')).mtu]).toEqual([1400, 1400]);
  });

  it('does not share its MAC with a container that asks for it', async () => {
    await ip('link set dev br0 address 02:00:00:00:00:07 up');
    const call = { netns: sandbox.path, conf: LAN, args: 'MAC=02:00:00:00:00:07' };
    const { json } = await invoke(host, 'ADD', call);
    expect(json).toMatchObject({ code: 7, msg: expect.stringContaining('"mac"') });
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
  });
});

describe('an MTU that IPv6 cannot have is refused by name before anything is made', () => {
  const add = async (conf: Record<string, unknown>) =>
    (await invoke(host, 'ADD', { netns: sandbox.path, conf })).json;
  const nothing = async () => [await link(host, 'flatnet-br0'), await pairs(host), await allocated(host)];

  it('in the configuration', async () => {
    expect(await add({ ...DUAL, mtu: 1250 })).toMatchObject({
      code: 7,
      msg: 'Invalid "mtu" in the configuration of network "flatnet": 1250',
      details: expect.stringContaining('1280 or more'),
    });
    expect(await nothing()).toEqual([undefined, [], []]);
    await attach(host, sandbox, { conf: { ...DUAL, mtu: 1280 } });
  });

  it.each(['flatnet', 'host-local'])('of the uplink, with addresses of %s', async (type) => {
    await uplink(1200);
    expect(await add({ ipam: { type, ...DUAL.ipam } })).toMatchObject({
      code: 100,
      msg: 'Cannot give an IPv6 address on network "flatnet": the MTU is 1200, that of link "up0" of the default route',
      details: expect.stringContaining('"mtu": 1280'),
    });
    expect(await nothing()).toEqual([undefined, [], []]);
    await attach(host, sandbox, { conf: { ipam: { type, subnet: '10.87.1.0/24' } } });
  });

  it('of a bridge made by hand', async () => {
    await ip('link add br0 type bridge');
    await ip('link set dev br0 mtu 1200 up');
    const { msg } = await add({ ...DUAL, bridge: 'br0' });
    expect(msg).toContain('the MTU is 1200, that of bridge "br0"');
    expect(await pairs(host)).toEqual([]);
  });
});
