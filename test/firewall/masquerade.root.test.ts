import { mkdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { allocated, attach, invoke, PLAIN } from '../fixtures/plugin.ts';
import {
  addOutside,
  HOST_ADDRESS,
  HOST_ADDRESS_V6,
  OUTSIDE_ADDRESS,
  OUTSIDE_ADDRESS_V6,
  reaches,
} from '../fixtures/traffic.ts';

let host: Host;
let outside: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost({ tmpfs: ['/etc/cni'] });
  outside = await addOutside(host);
});
afterEach(() => host.dispose());

const DUAL = { ipMasq: true, ipam: { ranges: [[{ subnet: '10.87.1.0/24' }], [{ subnet: 'fd00:87::/64' }]] } };
const BY_IPTABLES = { ...DUAL, ipMasqBackend: 'iptables' };

/** What finds no executable file of that name finds no such tool. */
async function takeAwayNft(): Promise<void> {
  await host.run(['mount', '--bind', '/dev/null', '/usr/sbin/nft']);
}

async function container(id: string, conf: Readonly<Record<string, unknown>>): Promise<Sandbox> {
  const sandbox = await host.addSandbox(id);
  await attach(host, sandbox, { containerID: id, conf });
  return sandbox;
}

/** The rules of iptables that masquerade. */
async function masquerading(): Promise<readonly string[]> {
  const listings = [
    await host.run(['iptables', '-t', 'nat', '-S']),
    await host.run(['ip6tables', '-t', 'nat', '-S']),
  ];
  return listings.flatMap((text) => text.split('\n').filter((line) => line.includes('MASQUERADE')));
}

async function expectOut(sandbox: Sandbox): Promise<void> {
  expect(await reaches(sandbox, OUTSIDE_ADDRESS)).toBe(true);
  expect(await reaches(sandbox, OUTSIDE_ADDRESS_V6)).toBe(true);
}

const RULES = [
  '-A POSTROUTING -s 10.87.1.0/24 ! -d 10.87.1.0/24 -m addrtype ! --dst-type MULTICAST -m comment --comment "flatnet/flatnet" -j MASQUERADE',
  '-A POSTROUTING -s fd00:87::/64 ! -d fd00:87::/64 -m addrtype ! --dst-type MULTICAST -m comment --comment "flatnet/flatnet" -j MASQUERADE',
];

/** A delegated IPAM that gives each container an address of a subnet of its own. */
const FAKE_IPAM = `#!/bin/sh
n=\${CNI_CONTAINERID#box}
echo '{"cniVersion":"1.0.0","ips":[{"address":"10.'$n'.0.9/24","gateway":"10.'$n'.0.1"}]}'
`;
/** Waits until both have looked at the chain. */
const SLOW_NFT = `#!/bin/sh
case "$*" in *'add chain inet flatnet masquerade'*)
  touch /run/at-$$
  until [ "$(ls /run/at-* | wc -l)" = 2 ]; do sleep 0.02; done ;;
esac
exec /run/nft "$@"
`;

describe('masquerade by nft', () => {
  it('is that of all subnets, although two ADDs at the same time each name another one', async () => {
    await host.run(['cp', '--dereference', '/usr/sbin/nft', '/run/nft']);
    await mkdir(host.file('/run/cni'));
    await writeFile(host.file('/run/cni/fake'), FAKE_IPAM, { mode: 0o755 });
    await writeFile(host.file('/run/slow-nft'), SLOW_NFT, { mode: 0o755 });
    await host.run(['mount', '--bind', '/run/slow-nft', '/usr/sbin/nft']);
    const conf = { ipMasq: true, isGateway: false, ipam: { type: 'fake' } };
    await Promise.all(
      ['box1', 'box2'].map(async (containerID) => {
        const sandbox = await host.addSandbox(containerID);
        await attach(host, sandbox, { containerID, conf, path: '/run/cni' });
      }),
    );
    const chain = await host.run(['/run/nft', 'list', 'chain', 'inet', 'flatnet', 'masquerade-flatnet']);
    expect(chain.match(/ip saddr \S+/g)?.toSorted()).toEqual([
      'ip saddr 10.1.0.0/24',
      'ip saddr 10.2.0.0/24',
    ]);
  });
});

describe('"ipMasqBackend": "iptables"', () => {
  it('lets containers out under the addresses of the host, by one rule for each subnet', async () => {
    const [a] = await Promise.all(['a', 'b', 'c'].map((id) => container(id, BY_IPTABLES)));
    await expectOut(a!);
    expect(await masquerading()).toEqual(RULES);
    const seen = await outside.run(['ip', 'neigh', 'show']);
    expect(seen).toContain(HOST_ADDRESS);
    expect(seen).toContain(HOST_ADDRESS_V6);
    expect(seen).not.toContain('10.87.1.');
  });

  it('is named by CHECK when it is gone, and put back by flatnet reload', async () => {
    const sandbox = await host.addSandbox('a');
    const prevResult = await attach(host, sandbox, { conf: BY_IPTABLES });
    const check = () => invoke(host, 'CHECK', { netns: sandbox.path, conf: { ...BY_IPTABLES, prevResult } });
    expect((await check()).stdout).toBe('');
    await host.run(['iptables', '-t', 'nat', '-F']);
    expect((await check()).json.msg).toBe('Masquerade rule for 10.87.1.0/24 is gone');
    await host.run([EXECUTABLE, 'reload']);
    expect((await check()).stdout).toBe('');
    expect(await masquerading()).toEqual(RULES);
  });

  it('goes with the network', async () => {
    await mkdir(host.file('/etc/cni/net.d'), { recursive: true });
    const list = { cniVersion: '1.0.0', name: 'flatnet', plugins: [{ type: 'flatnet', ...BY_IPTABLES }] };
    await writeFile(host.file('/etc/cni/net.d/flatnet.conflist'), JSON.stringify(list));
    await container('a', BY_IPTABLES);
    await host.run(['iptables', '-t', 'nat', '-A', 'POSTROUTING', '-s', '10.1.0.0/24', '-j', 'MASQUERADE']);
    const said = await host.run([EXECUTABLE, 'network', 'rm', '--force', 'flatnet']);
    expect(said).toContain('removed the masquerade of "flatnet"');
    expect(await masquerading()).toEqual(['-A POSTROUTING -s 10.1.0.0/24 -j MASQUERADE']);
  });

  it('of another name is refused by key and value', async () => {
    const sandbox = await host.addSandbox('a');
    const conf = { ...DUAL, ipMasqBackend: 'ebtables' };
    const { json } = await invoke(host, 'ADD', { netns: sandbox.path, conf });
    expect(json).toMatchObject({
      code: 7,
      msg: 'Invalid "ipMasqBackend" in the configuration of network "flatnet": "ebtables"',
    });
    expect(await allocated(host)).toEqual([]);
  });
});

describe('a machine that has iptables and no nft', () => {
  beforeEach(takeAwayNft);

  it('lets containers out where FORWARD drops, and back after reload; DEL and GC do not miss nft', async () => {
    for (const tool of ['iptables', 'ip6tables']) await host.run([tool, '-P', 'FORWARD', 'DROP']);
    await expectOut(await container('a', DUAL));
    for (const tool of ['iptables', 'ip6tables']) {
      for (const command of ['-F FORWARD', '-t nat -F']) await host.run([tool, ...command.split(' ')]);
    }
    const b = await host.addSandbox('b');
    await host.run([EXECUTABLE, 'reload']);
    await attach(host, b, { containerID: 'b', conf: DUAL });
    await expectOut(b);
    for (const id of ['a', 'b']) await invoke(host, 'DEL', { containerID: id, conf: DUAL });
    const gc = { cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
    expect((await invoke(host, 'GC', { conf: { ...DUAL, ...gc } })).exitCode).toBe(0);
    expect(await host.run(['cat', '/var/log/flatnet/cni.log'])).not.toContain('"warn"');
    expect(await allocated(host)).toEqual([]);
  });

  it('refuses what only nft can do, says so, and leaves nothing', async () => {
    const sandbox = await host.addSandbox('a');
    const runtimeConfig = { portMappings: [{ hostPort: 8080, containerPort: 80 }] };
    const { json } = await invoke(host, 'ADD', { netns: sandbox.path, conf: { ...DUAL, runtimeConfig } });
    expect(json).toMatchObject({ code: 50, msg: expect.stringContaining('Cannot find "nft"') });
    expect(json.details).toContain('install it: apt-get install nftables');
    expect(await allocated(host)).toEqual([]);
    expect(await sandbox.run(['ip', '-o', 'link'])).not.toContain('eth0');
  });

  it('does not find it by STATUS either where the network insists on it', async () => {
    const conf = { ...PLAIN, cniVersion: '1.1.0', ...DUAL };
    expect((await invoke(host, 'STATUS', { conf })).exitCode).toBe(0);
    const insisting = { ...conf, ipMasqBackend: 'nftables' };
    expect((await invoke(host, 'STATUS', { conf: insisting })).json).toMatchObject({ code: 50 });
  });
});
