import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { applyProfile } from './apply.ts';
import { currentProfile, type ProfileName } from './profiles.ts';

let host: Host;
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

const REFUSED = 'Error: Could not process rule: No such file or directory\n';
const UNSUPPORTED = 'Error: Could not process rule: Operation not supported\n';
const TABLE = 'add table inet t; add chain inet t c { type nat hook prerouting priority -100; };';
const FIB = 'add rule inet t c fib daddr type local accept';

const nft = (...args: readonly string[]) => host.exec(['nft', ...args]);
const ruleset = () => host.run(['nft', 'list', 'ruleset']);

describe('the nft of wsl-6.6.87', () => {
  beforeEach(() => applyProfile(host, 'wsl-6.6.87'));

  it('refuses fib in inet, with the kernel’s words, and nothing of the transaction stays', async () => {
    expect(await nft(TABLE, FIB)).toMatchObject({ exitCode: 1, stderr: REFUSED });
    expect(await ruleset()).toBe('');
  });

  it.each([
    ['-c', TABLE, FIB],
    ['--check', `${TABLE} ${FIB}`],
    ['table inet t { chain c { type filter hook input priority 0; fib saddr . iif oif missing drop; }; }'],
    ['add table ip6 t; add chain ip6 t c; add rule ip6 t c fib daddr type local accept'],
    ['insert rule inet t c ip daddr { 10.0.0.0/8, 192.0.2.0/24 } fib daddr type local accept'],
    ['add table inet t; add flowtable inet t f { hook ingress priority 0; devices = { lo }; }'],
  ])('refuses it as well in: nft %s', async (...args) => {
    expect(await nft(...args)).toMatchObject({ exitCode: 1, stderr: REFUSED });
  });

  it('refuses what a file has, and what comes on standard input', async () => {
    await writeFile(
      host.file('/run/rules.nft'),
      `${TABLE.replaceAll(';', '\n')}\n`.replace('-100\n }', '-100; }'),
    );
    expect(await nft('-f', '/run/rules.nft')).toMatchObject({ exitCode: 0, stderr: '' });
    await writeFile(host.file('/run/fib.nft'), `${FIB}\n`);
    expect(await nft('-f', '/run/fib.nft')).toMatchObject({ exitCode: 1, stderr: REFUSED });
    expect(await host.exec(['sh', '-c', 'echo "$0" | nft -c -f -', FIB])).toMatchObject({
      exitCode: 1,
      stderr: REFUSED,
    });
    await host.run(['sh', '-c', 'echo add rule inet t c accept | nft -f -']);
    expect(await ruleset()).toContain('accept');
  });

  it('passes masquerade, maps and whatever has the word in a name, a text or a comment', async () => {
    const lines = [
      TABLE,
      'add chain inet t masquerade-fib { type nat hook postrouting priority 100; };',
      'add map inet t m { type inet_proto . inet_service : ipv4_addr . inet_service; };',
      'add rule inet t c dnat ip to meta l4proto . th dport map @m;',
      'add rule inet t masquerade-fib iifname "fib" ip saddr 10.0.0.0/8 masquerade comment "network=fib fib daddr";',
    ];
    expect(await nft(...lines)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await nft('list', 'chain', 'inet', 't', 'masquerade-fib')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('network=fib'),
    });
    await writeFile(host.file('/run/rules.nft'), '# fib daddr type local\nadd rule inet t c accept\n');
    expect(await nft('-f', '/run/rules.nft')).toMatchObject({ exitCode: 0 });
  });

  it('has fib in the family ip', async () => {
    expect(
      await nft('add table ip t; add chain ip t c; add rule ip t c fib daddr type local accept'),
    ).toMatchObject({ exitCode: 0 });
  });

  it('knows no family bridge: neither is a table made, nor is one listed', async () => {
    expect(await nft('add table bridge t')).toMatchObject({ exitCode: 1, stderr: UNSUPPORTED });
    const { exitCode, stderr } = await nft('list table bridge t');
    expect([exitCode, stderr.split('\n')[0]]).toEqual([1, 'Error: No such file or directory']);
  });

  it('leaves to nft what is wrong for every kernel', async () => {
    expect((await nft('add rule inet t c nonsense')).stderr).toContain('syntax error');
    expect((await nft('list table inet none')).stderr).toContain('No such file or directory');
  });
});

describe('the nft of other kernels', () => {
  const NETDEV =
    'add table netdev t; add chain netdev t c { type filter hook ingress device "lo" priority 0; }';
  const CT = 'add table inet t; add chain inet t c; add rule inet t c ct state established accept';

  it.each<[ProfileName, string, number]>([
    ['wsl-6.18', `${TABLE} ${FIB}`, 0],
    ['wsl-6.18', 'add table bridge t', 1],
    ['wsl-6.18', NETDEV, 0],
    ['wsl-5.15', NETDEV, 1],
    ['wsl-5.15', 'add table ip t; add chain ip t c; add rule ip t c fib daddr type local accept', 1],
    ['wsl-5.15', CT, 0],
    ['no-modules', CT, 1],
    [
      'no-modules',
      'add table inet t; add chain inet t c { type nat hook postrouting priority 100; }; add rule inet t c masquerade',
      0,
    ],
  ])('%s: %s', async (profile, line, code) => {
    await applyProfile(host, profile);
    expect((await nft(line)).exitCode).toBe(code);
  });
});

describe('the ip and tc of wsl-5.15', () => {
  beforeEach(() => applyProfile(host, 'wsl-5.15'));

  it('know no ifb and no tbf', async () => {
    expect(await host.exec(['ip', 'link', 'add', 'fb0', 'type', 'ifb'])).toMatchObject({
      exitCode: 2,
      stderr: 'Error: Unknown device type.\n',
    });
    await host.run(['ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1']);
    const limit = [
      'tc',
      'qdisc',
      'add',
      'dev',
      'v0',
      'root',
      'tbf',
      'rate',
      '1mbit',
      'burst',
      '10k',
      'latency',
      '1s',
    ];
    expect((await host.exec(limit)).stderr).toBe('Error: Specified qdisc kind is unknown.\n');
    await host.run(['tc', 'qdisc', 'add', 'dev', 'v0', 'ingress']);
  });

  it('stop a batch at the line that is refused, and keep what came before', async () => {
    const input = 'link add name br0 type bridge\nlink add name fb0 type ifb\nlink set dev br0 up\n';
    expect(await host.exec(['ip', '-batch', '-'], { input })).toMatchObject({
      exitCode: 1,
      stderr: 'Error: Unknown device type.\nCommand failed -:2\n',
    });
    expect(await host.run(['ip', '-br', 'link', 'show', 'type', 'bridge'])).toMatch(/^br0 +DOWN/);
  });

  it('pass what is asked and not added, and whole batches', async () => {
    expect(await host.run(['ip', '-j', 'link', 'show', 'type', 'ifb'])).toBe('[]\n');
    await host.run(['ip', '-j', '-d', '-batch', '-'], {
      input: 'link add name br0 type bridge\nlink show br0\n',
    });
    await host.run(['ip', 'link', 'show', 'dev', 'br0']);
  });
});

describe('a profile', () => {
  it('shows the kernel’s release, and SCTP as it is tracked', async () => {
    await applyProfile(host, 'wsl-5.15');
    expect(await host.run(['cat', '/proc/sys/kernel/osrelease'])).toBe('5.15.90.3-microsoft-standard-WSL2\n');
    expect(await host.run(['ls', '/proc/sys/net/netfilter'])).toBe('nf_conntrack_max\n');
  });

  it('of no-modules has no bridge, no iptables and no conntrack', async () => {
    await applyProfile(host, 'no-modules');
    for (const argv of [
      ['ip', 'link', 'add', 'name', 'br0', 'type', 'bridge'],
      ['iptables', '-S'],
      ['conntrack', '-L'],
    ]) {
      expect((await host.exec(argv)).exitCode).not.toBe(0);
    }
  });

  it('is asked for by name', () => {
    expect(currentProfile({})).toBeUndefined();
    expect(currentProfile({ FLATNET_PROFILE: 'wsl-6.18' })).toBe('wsl-6.18');
    expect(() => currentProfile({ FLATNET_PROFILE: 'wsl-7' })).toThrow('there are wsl-5.15, wsl-6.6.87');
  });
});
