import { mkdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { setup, teardown } from '../fixtures/driver.ts';
import { allocated, attach, invoke, pairs } from '../fixtures/plugin.ts';
import {
  addOutside,
  ask,
  HOST_ADDRESS,
  HOST_ADDRESS_V6,
  OUTSIDE_ADDRESS,
  OUTSIDE_ADDRESS_V6,
  serve,
} from '../fixtures/traffic.ts';

let host: Host;
let outside: Sandbox;

/** Second addresses of the host on the link to the machine outside. */
const [SECOND, SECOND_V6] = ['192.0.2.77', '2001:db8::77'];
const PORT = 7000;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost({ tmpfs: ['/etc/cni'] });
  outside = await addOutside(host);
  await host.run(['ip', 'address', 'add', `${SECOND}/32`, 'dev', 'up0']);
  await host.run(['ip', 'address', 'add', `${SECOND_V6}/128`, 'dev', 'up0', 'nodad', 'preferred_lft', '0']);
  await serve(outside, { port: PORT, answer: '{peer}' });
  await serve(outside, { port: PORT + 6, answer: '{peer}', address: OUTSIDE_ADDRESS_V6 });
});
afterEach(() => host.dispose());

const DUAL = { ipMasq: true, ipam: { ranges: [[{ subnet: '10.87.1.0/24' }], [{ subnet: 'fd00:87::/64' }]] } };
const BOTH = { ...DUAL, outbound_addr4: SECOND, outbound_addr6: SECOND_V6 };

/** The addresses that the machine outside sees a container under. */
async function seen(box: Sandbox): Promise<readonly string[]> {
  return [await ask(box, OUTSIDE_ADDRESS, PORT), await ask(box, OUTSIDE_ADDRESS_V6, PORT + 6)];
}

async function container(id: string, conf: object): Promise<{ box: Sandbox; check: () => Promise<string> }> {
  const box = await host.addSandbox(id);
  const prevResult = await attach(host, box, { containerID: id, conf: { ...conf } });
  const check = async () => {
    const call = { containerID: id, netns: box.path, conf: { ...conf, prevResult } };
    return (await invoke(host, 'CHECK', call)).stdout;
  };
  return { box, check };
}

const chain = async (name = 'flatnet') =>
  (await host.exec(['nft', 'list', 'chain', 'inet', 'flatnet', `masquerade-${name}`])).stdout;

describe.each(['nftables', 'iptables'])('"outbound_addr4" and "outbound_addr6" by %s', (ipMasqBackend) => {
  const flush = async () => {
    await host.exec(['nft', 'flush', 'table', 'inet', 'flatnet']);
    for (const tool of ['iptables', 'ip6tables']) await host.run([tool, '-t', 'nat', '-F']);
  };

  it('are the source of what leaves; CHECK names what is lost, and flatnet reload puts it back', async () => {
    const { box, check } = await container('a', { ...BOTH, ipMasqBackend });
    expect(await seen(box)).toEqual([SECOND, SECOND_V6]);
    expect(await check()).toBe('');
    await flush();
    expect(JSON.parse(await check())).toMatchObject({
      msg: `Masquerade rule for 10.87.1.0/24 to ${SECOND} is gone`,
    });
    await host.run([EXECUTABLE, 'reload']);
    expect(await check()).toBe('');
    expect(await seen(box)).toEqual([SECOND, SECOND_V6]);
  });

  it('leave the other family to masquerade', async () => {
    const { box } = await container('a', { ...DUAL, ipMasqBackend, outbound_addr4: SECOND });
    expect(await seen(box)).toEqual([SECOND, HOST_ADDRESS_V6]);
  });

  it('change with the next container, for all of the network; a reload stays with that', async () => {
    const first = await container('a', { ...DUAL, ipMasqBackend });
    expect(await seen(first.box)).toEqual([HOST_ADDRESS, HOST_ADDRESS_V6]);
    const second = await container('b', { ...BOTH, ipMasqBackend });
    expect(await seen(first.box)).toEqual([SECOND, SECOND_V6]);
    await host.run([EXECUTABLE, 'reload']);
    expect([await seen(second.box), await second.check()]).toEqual([[SECOND, SECOND_V6], '']);
    await container('c', { ...DUAL, ipMasqBackend });
    expect(await seen(second.box)).toEqual([HOST_ADDRESS, HOST_ADDRESS_V6]);
  });
});

describe('"outbound_addr4"', () => {
  it('of one network leaves another one alone that has the same subnet, and goes with its network', async () => {
    await mkdir(host.file('/etc/cni/net.d'), { recursive: true });
    const shared = { ipMasq: true, ipam: { subnet: '10.87.1.0/24', allowOverlap: true } };
    const plugins = [{ type: 'flatnet', ...shared, outbound_addr4: SECOND }];
    for (const [name, list] of [
      ['flatnet', plugins],
      ['other', [{ type: 'flatnet', ...shared }]],
    ] as const) {
      const text = JSON.stringify({ cniVersion: '1.0.0', name, plugins: list });
      await writeFile(host.file(`/etc/cni/net.d/${name}.conflist`), text);
    }
    await container('a', { ...shared, outbound_addr4: SECOND });
    const { box, check } = await container('b', { ...shared, name: 'other' });
    expect(await chain()).toContain(`snat ip to ${SECOND}`);
    expect(await chain('other')).toMatch(/ masquerade /);
    await host.run([EXECUTABLE, 'network', 'rm', '--force', 'flatnet']);
    expect(await chain()).toBe('');
    expect(await check()).toBe('');
    expect(await ask(box, OUTSIDE_ADDRESS, PORT)).toBe(HOST_ADDRESS);
  });

  it('is one rule for each subnet, although three ADDs at the same time replace another', async () => {
    await container('a', DUAL);
    await Promise.all(['b', 'c', 'd'].map((id) => container(id, BOTH)));
    const rules = (await chain()).match(/(masquerade|snat ip6? to \S+) comment/g);
    expect(new Set(rules)).toEqual(
      new Set([`snat ip to ${SECOND} comment`, `snat ip6 to ${SECOND_V6} comment`]),
    );
  });

  it('is known to doctor, which says when no interface has the address', async () => {
    await mkdir(host.file('/etc/cni/net.d'), { recursive: true });
    const conf = { ...DUAL, outbound_addr4: SECOND };
    const list = { cniVersion: '1.0.0', name: 'flatnet', plugins: [{ type: 'flatnet', ...conf }] };
    await writeFile(host.file('/etc/cni/net.d/flatnet.conflist'), JSON.stringify(list));
    await container('a', conf);
    const doctor = async () => (await host.exec([EXECUTABLE, 'doctor', '--json'])).stdout;
    const first = await doctor();
    expect(first).toContain(
      `10.87.1.0/24 leaves with ${SECOND}; fd00:87::/64 leaves with the host's address`,
    );
    expect(first).not.toContain('no interface of the host has');
    await host.run(['ip', 'address', 'del', `${SECOND}/32`, 'dev', 'up0']);
    expect(await doctor()).toContain(`containers leave with ${SECOND}, which no interface of the host has`);
  });

  it('adds nothing to the rules and the state of a network without it', async () => {
    await container('a', DUAL);
    const before = await chain();
    expect(before).not.toContain('to=');
    await container('b', DUAL);
    expect(await chain()).toBe(before);
    const { stdout } = await host.exec(['cat', '/var/lib/flatnet/ipam/allocations.json']);
    expect(stdout).not.toContain('outbound');
  });

  it.each<[Readonly<Record<string, string | boolean | object>>, string]>([
    [{ outbound_addr4: '192.0.2' }, 'expected an IPv4 address that the host can send from'],
    [{ outbound_addr4: '127.0.0.5' }, 'expected an IPv4 address that the host can send from'],
    [{ outbound_addr4: 'fd00::5' }, 'expected an IPv4 address that the host can send from'],
    [{ outbound_addr6: '::ffff:192.0.2.77' }, 'expected an IPv6 address that the host can send from'],
    [{ outbound_addr4: SECOND, ipMasq: false }, 'expected "ipMasq": true beside it, and not "internal"'],
    [{ outbound_addr4: SECOND, internal: true }, 'expected "ipMasq": true beside it, and not "internal"'],
    [{ outbound_addr6: SECOND_V6, ipam: {} }, 'expected no such key: the network has no IPv6 subnet'],
  ])('%j is refused before anything is made', async (keys, details) => {
    const box = await host.addSandbox('a');
    const [key, value] = Object.entries(keys)[0] ?? [];
    const { json } = await invoke(host, 'ADD', { netns: box.path, conf: { ...DUAL, ...keys } });
    const msg = `Invalid "${key}" in the configuration of network "flatnet": ${JSON.stringify(value)}`;
    expect(json).toMatchObject({ code: 7, msg, details: expect.stringContaining(details) });
    expect([await allocated(host), await pairs(host), await chain()]).toEqual([[], [], '']);
  });
});

describe('with netavark', () => {
  it('the option outbound_addr4 is the source of what leaves, also for the second container', async () => {
    const network = { options: { outbound_addr4: SECOND } };
    const boxes = await Promise.all(['a', 'b'].map((id) => host.addSandbox(id)));
    for (const [index, box] of boxes.entries())
      await setup(host, box, { network, containerID: `box${index}` });
    for (const box of boxes) expect(await ask(box, OUTSIDE_ADDRESS, PORT)).toBe(SECOND);
    for (const [index, box] of boxes.entries())
      await teardown(host, box, { network, containerID: `box${index}` });
    expect(await pairs(host)).toEqual([]);
  });
});
