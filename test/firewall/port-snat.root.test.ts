import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { setup } from '../fixtures/driver.ts';
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

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  outside = await addOutside(host);
});
afterEach(() => host.dispose());

const DUAL = {
  ipMasq: true,
  ipam: { ranges: [[{ subnet: '10.87.1.0/24' }], [{ subnet: 'fd00:87::/64' }]] },
  runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80 }] },
};
const ALL = { ...DUAL, masqAll: true };
const NONE = { ...DUAL, snat: false };

/** A container whose port 80 answers with the address of its client, as it sees it. */
async function web(conf: object): Promise<{ box: Sandbox; check: () => Promise<any> }> {
  const box = await host.addSandbox('web');
  const prevResult = await attach(host, box, { containerID: 'web', conf: { ...conf } });
  await serve(box, { port: 80, answer: '{peer}' });
  await serve(box, {
    port: 80,
    answer: '6 {peer}',
    address: String(prevResult.ips[1].address).replace(/\/.*/, ''),
  });
  const call = { containerID: 'web', netns: box.path, conf: { ...conf, prevResult } };
  return { box, check: async () => (await invoke(host, 'CHECK', call)).json };
}

const fromOutside = async () => [
  await ask(outside, HOST_ADDRESS, 8080),
  await ask(outside, HOST_ADDRESS_V6, 8080),
];
const tables = () => host.run(['nft', 'list', 'table', 'inet', 'flatnet']);

describe('a container with a published port', () => {
  it('sees who asks from outside, without the keys of portmap, and the tables know nothing of them', async () => {
    await web(DUAL);
    expect(await fromOutside()).toEqual([OUTSIDE_ADDRESS, `6 ${OUTSIDE_ADDRESS_V6}`]);
    expect(await tables()).not.toMatch(/masqall|ports-masquerade/);
    expect(await host.run(['cat', '/var/lib/flatnet/ipam/allocations.json'])).not.toMatch(/masqAll|snat/);
  });

  it('sees the gateway in place of every client with "masqAll"; CHECK names the loss, reload mends it', async () => {
    const { check } = await web(ALL);
    const gateways = ['10.87.1.1', '6 fd00:87::1'];
    expect(await fromOutside()).toEqual(gateways);
    expect(await check()).toBeUndefined();
    await host.run(['nft', 'flush', 'set', 'inet', 'flatnet', 'masqall4']);
    expect(await check()).toMatchObject({ msg: 'Rule "masqall4" of "flatnet-br0" . 10.87.1.0/24 is gone' });
    await host.run(['nft', 'delete', 'table', 'inet', 'flatnet']);
    await host.run([EXECUTABLE, 'reload']);
    expect(await check()).toBeUndefined();
    expect(await fromOutside()).toEqual(gateways);
  });

  it('answers with "masqAll" although its default route leads elsewhere', async () => {
    const astray = { ...DUAL, isDefaultGateway: false };
    const { box } = await web(astray);
    expect(await fromOutside()).toEqual(['', '']);
    await invoke(host, 'DEL', { containerID: 'web', netns: box.path, conf: astray });
    const next = await host.addSandbox('next');
    await attach(host, next, { containerID: 'next', conf: { ...astray, masqAll: true } });
    await serve(next, { port: 80, answer: 'next {peer}' });
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('next 10.87.1.1');
  });

  it('hides nobody any more once "masqAll" is gone from the network and from its containers', async () => {
    const { box } = await web(ALL);
    await invoke(host, 'DEL', { containerID: 'web', netns: box.path, conf: ALL });
    const next = await host.addSandbox('next');
    await attach(host, next, { containerID: 'next', conf: DUAL });
    await serve(next, { port: 80, answer: 'next {peer}' });
    await host.run([EXECUTABLE, 'reload']);
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe(`next ${OUTSIDE_ADDRESS}`);
    expect(await host.run(['nft', 'list', 'set', 'inet', 'flatnet', 'masqall4'])).not.toContain('elements');
  });

  it('with "snat": false is asked by everybody under their own address, and not on 127.0.0.1', async () => {
    const { check } = await web(NONE);
    const near = await host.addSandbox('near');
    await attach(host, near, { containerID: 'near', conf: { ...NONE, runtimeConfig: {} } });
    expect(await fromOutside()).toEqual([OUTSIDE_ADDRESS, `6 ${OUTSIDE_ADDRESS_V6}`]);
    expect(await ask(host, HOST_ADDRESS, 8080)).toBe(HOST_ADDRESS);
    expect(await ask(host, '127.0.0.1', 8080)).toBe('');
    // The container answers a neighbour directly; only br_netfilter shows that answer to the host's NAT.
    for (const [bridged, answer] of [
      ['0', ''],
      ['1', '10.87.1.3'],
    ] as const) {
      await host.run(['sysctl', '-w', `net.bridge.bridge-nf-call-iptables=${bridged}`]);
      expect(await ask(near, HOST_ADDRESS, 8080)).toBe(answer);
    }
    expect(await host.run(['cat', '/proc/sys/net/ipv4/conf/flatnet-br0/route_localnet'])).toBe('0\n');
    expect(await check()).toBeUndefined();
    await host.run([EXECUTABLE, 'reload']);
    expect(await host.run(['nft', 'list', 'set', 'inet', 'flatnet', 'hairpin4'])).not.toContain('elements');
  });

  it.each([
    [{ masqAll: true, snat: false }, 'Invalid "masqAll" in', 'expected false beside "snat": false'],
    [{ snat: 'no' }, 'Invalid "snat" in', 'expected true or false'],
    [
      {
        snat: false,
        runtimeConfig: { portMappings: [{ hostPort: 1, containerPort: 1, hostIP: '127.0.0.1' }] },
      },
      'Invalid "hostIP" in a published port of network "flatnet": "127.0.0.1"',
      'expected an address of the host outside 127.0.0.0/8, or "snat": true',
    ],
  ])('is refused with %j, before anything is made', async (keys, msg, details) => {
    const box = await host.addSandbox('web');
    const { json } = await invoke(host, 'ADD', { netns: box.path, conf: { ...DUAL, ...keys } });
    expect(json).toMatchObject({ code: 7, msg: expect.stringContaining(msg), details });
    expect([await allocated(host), await pairs(host)]).toEqual([[], []]);
  });

  it('is open to all but those that a chain of docs/configuration.md keeps away', async () => {
    await web(DUAL);
    const document = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
    const commands = [...document.matchAll(/^nft add .*$/gm)].map(([line]) =>
      line.replaceAll("'", '').split(' '),
    );
    expect(commands).toHaveLength(3);
    for (const command of commands) await host.run(command);
    expect(await fromOutside()).toEqual(['', `6 ${OUTSIDE_ADDRESS_V6}`]);
    await outside.run(['ip', 'address', 'add', '198.51.100.7/32', 'dev', 'up0']);
    await outside.run(['ip', 'route', 'add', `${HOST_ADDRESS}/32`, 'dev', 'up0', 'src', '198.51.100.7']);
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('198.51.100.7');
  });

  it('sees the gateway with netavark, too, where the option masq-all says so', async () => {
    const box = await host.addSandbox('web');
    const ports = [{ host_port: 8080, container_port: 80 }];
    await setup(host, box, { network: { options: { 'masq-all': 'true' } }, ports });
    await serve(box, { port: 80, answer: '{peer}' });
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('10.87.2.1');
  });
});
