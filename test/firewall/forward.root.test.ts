import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { attach } from '../fixtures/plugin.ts';
import { addOutside, ask, HOST_ADDRESS, OUTSIDE_ADDRESS, reaches, serve } from '../fixtures/traffic.ts';

let host: Host;
let outside: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  outside = await addOutside(host);
});
afterEach(() => host.dispose());

const WEB = { hostPort: 8080, containerPort: 80 };
const CONF = { ipMasq: true, runtimeConfig: { portMappings: [WEB] } };

async function web(): Promise<Sandbox> {
  const sandbox = await host.addSandbox('web');
  await attach(host, sandbox, { containerID: 'web', conf: CONF });
  await serve(sandbox, { port: 80, answer: 'web' });
  return sandbox;
}

async function expectOpen(sandbox: Sandbox): Promise<void> {
  expect(await reaches(sandbox, OUTSIDE_ADDRESS)).toBe(true);
  expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
}

const FIREWALLS: Readonly<Record<string, readonly string[]>> = {
  'FORWARD policy DROP': ['iptables -P FORWARD DROP'],
  'a REJECT rule that was there before': ['iptables -A FORWARD -j REJECT'],
  "Docker's chains": [
    'iptables -P FORWARD DROP',
    'iptables -N DOCKER-USER',
    'iptables -A DOCKER-USER -j RETURN',
    'iptables -N DOCKER-ISOLATION',
    'iptables -A FORWARD -j DOCKER-USER',
    'iptables -A FORWARD -j DOCKER-ISOLATION',
    'iptables -A DOCKER-ISOLATION -j RETURN',
  ],
  'the old iptables': ['iptables-legacy -P FORWARD DROP'],
  'an nftables.conf of its own': [
    'nft add table inet filter',
    'nft add chain inet filter forward { type filter hook forward priority 0 ; policy drop ; }',
  ],
};

describe.each(Object.entries(FIREWALLS))('with %s', (_name, commands) => {
  it('a container reaches the outside and is reached', async () => {
    for (const command of commands) await host.run(command.split(' '));
    await expectOpen(await web());
  });

  it('a second container adds no rule', async () => {
    for (const command of commands) await host.run(command.split(' '));
    await web();
    const before = [await host.run(['iptables-save']), await host.run(['iptables-legacy-save'])];
    await attach(host, await host.addSandbox('second'), { containerID: 'second', conf: { ipMasq: true } });
    const after = [await host.run(['iptables-save']), await host.run(['iptables-legacy-save'])];
    const rules = (text: string) => text.split('\n').filter((line) => line.startsWith('-A'));
    expect(after.map(rules)).toEqual(before.map(rules));
  });
});

describe('a host that insists on symmetric paths (rp_filter 1)', () => {
  it('lets the answers of a container with two networks pass, by whichever bridge they come', async () => {
    await host.run(['sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=1']);
    const sandbox = await host.addSandbox('two');
    await attach(host, sandbox, { containerID: 'two' });
    const other = { name: 'other', bridge: 'other0', ipam: { ranges: [[{ subnet: '10.99.0.0/24' }]] } };
    await attach(host, sandbox, { containerID: 'two', ifname: 'eth1', conf: other });
    for (const link of ['all', 'eth0', 'eth1']) {
      await sandbox.run(['sysctl', '-qw', `net.ipv4.conf.${link}.rp_filter=0`]);
    }
    await outside.run(['ip', 'route', 'add', '10.99.0.0/24', 'via', HOST_ADDRESS]);
    expect(await reaches(outside, '10.99.0.2')).toBe(true);
    await host.run(['sysctl', '-qw', 'net.ipv4.conf.flatnet-br0.rp_filter=1']);
    expect(await reaches(outside, '10.99.0.2')).toBe(false);
  });
});

describe('rules in chains of others', () => {
  it("go into Docker's chain for them, before its RETURN", async () => {
    for (const command of FIREWALLS["Docker's chains"] ?? []) await host.run(command.split(' '));
    await web();
    const rules = (await host.run(['iptables', '-S', 'DOCKER-USER'])).trim().split('\n');
    expect(rules.slice(1)).toEqual([
      '-A DOCKER-USER -o flatnet-br0 -m comment --comment flatnet -j ACCEPT',
      '-A DOCKER-USER -i flatnet-br0 -m comment --comment flatnet -j ACCEPT',
      '-A DOCKER-USER -j RETURN',
    ]);
  });

  it('survive that the rules are saved and restored, and are not doubled then', async () => {
    await host.run(['iptables', '-P', 'FORWARD', 'DROP']);
    const sandbox = await web();
    await host.run(['iptables-restore'], { input: await host.run(['iptables-save']) });
    await host.run(['rm', '-r', '/run/flatnet']);
    await attach(host, await host.addSandbox('second'), { containerID: 'second', conf: { ipMasq: true } });
    expect((await host.run(['iptables', '-S', 'FORWARD'])).match(/flatnet-br0/g)).toHaveLength(2);
    await expectOpen(sandbox);
  });

  it('are not made where nothing refuses, nor where "forwardAccept" is false', async () => {
    await web();
    expect(await host.run(['nft', 'list', 'tables'])).toBe('table inet flatnet\n');
    await host.run(['iptables', '-P', 'FORWARD', 'DROP']);
    const other = { name: 'other', bridge: 'other0', ipam: { ranges: [[{ subnet: '10.99.0.0/24' }]] } };
    await attach(host, await host.addSandbox('shut'), { conf: { ...other, forwardAccept: false } });
    expect(await host.run(['iptables', '-S', 'FORWARD'])).toBe('-P FORWARD DROP\n');
  });

  it('come when Docker does, after the first container', async () => {
    const sandbox = await web();
    await host.run(['iptables', '-P', 'FORWARD', 'DROP']);
    await host.run(['ip', 'link', 'add', 'docker0', 'type', 'bridge']);
    expect(await reaches(sandbox, OUTSIDE_ADDRESS)).toBe(false);
    await attach(host, await host.addSandbox('second'), { containerID: 'second', conf: { ipMasq: true } });
    await expectOpen(sandbox);
  });
});
