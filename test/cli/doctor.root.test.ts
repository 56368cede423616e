import { expect, test } from 'vitest';
import { EXECUTABLE } from '../executable.ts';
import { doctor, goodLab, troubles } from './examination.ts';
import { CONFLIST, createLab, type Lab, PLUGIN, STATE } from './lab.ts';

async function bridgeAddress(lab: Lab): Promise<string> {
  return lab.run('ip', '-br', 'address', 'show', 'dev', 'flatnet-br0');
}

test('doctor finds nothing wrong on a machine where everything works', async () => {
  await using lab = await goodLab();
  const report = await doctor(lab);
  expect(troubles(report)).toEqual([]);
  expect(report.summary.exit_code).toBe(0);
});

test('doctor names a missing installation, and says how to install', async () => {
  await using lab = await createLab();
  const report = await doctor(lab);
  expect(troubles(report).map((line) => line.split(':')[0])).toEqual([
    'Plugin/executable',
    'Plugin/conflist',
  ]);
  expect(report.checks.find(({ name }) => name === 'conflist')?.suggestion).toBe(
    `sudo ${EXECUTABLE} install`,
  );
  expect(report.summary.exit_code).toBe(2);
});

test('doctor names a bridge that is gone; --fix makes it again and puts the containers back', async () => {
  await using lab = await goodLab();
  await lab.run('ip', 'link', 'del', 'dev', 'flatnet-br0');
  expect(troubles(await doctor(lab)).join()).toContain('Bridge "flatnet-br0" is gone');
  const fixed = await doctor(lab, '--fix');
  expect(fixed.fixes?.map(({ check, failed }) => [check, failed])).toContainEqual(['bridge', false]);
  expect(troubles(fixed)).toEqual([]);
  expect(await bridgeAddress(lab)).toContain('10.87.1.1/24');
  expect(await lab.run('bridge', 'link', 'show')).toMatch(/fn[0-9a-z]{13}@.*master flatnet-br0/);
});

test('doctor --fix reaches the container again', async () => {
  await using lab = await createLab();
  await lab.flatnet('install');
  const { sandbox } = await lab.attach('web1');
  const ping = () => sandbox.exec(['busybox', 'ping', '-c1', '-W2', '10.87.1.1']);
  expect((await ping()).exitCode).toBe(0);
  await lab.run('ip', 'link', 'del', 'dev', 'flatnet-br0');
  expect((await ping()).exitCode).not.toBe(0);
  await lab.flatnet('doctor', '--fix');
  expect((await ping()).exitCode).toBe(0);
});

test('doctor names a bridge with another address and leaves that address alone', async () => {
  await using lab = await goodLab();
  await lab.run('ip', 'address', 'flush', 'dev', 'flatnet-br0');
  await lab.run('ip', 'address', 'add', '10.99.0.1/24', 'dev', 'flatnet-br0');
  expect(troubles(await doctor(lab)).join()).toContain(
    'lacks its gateway address 10.87.1.1/24 (it has 10.99.0.1/24)',
  );
  const { fixes } = await doctor(lab, '--fix');
  expect(fixes?.[0]?.failed).toBe(true);
  expect(fixes?.[0]?.said).toContain('10.99.0.1/24');
  expect(await bridgeAddress(lab)).toContain('10.99.0.1/24');
});

test('doctor names a link of the bridge’s name that is no bridge', async () => {
  await using lab = await createLab();
  await lab.flatnet('install');
  await lab.run('ip', 'link', 'add', 'flatnet-br0', 'type', 'veth', 'peer', 'name', 'other');
  expect(troubles(await doctor(lab)).join()).toContain('"flatnet-br0" is no longer a bridge (it is a veth)');
});

test('doctor names a port that left its bridge; --fix puts it back', async () => {
  await using lab = await goodLab();
  const [, port = ''] = /(fn[0-9a-z]{13})@/.exec(await lab.run('ip', '-br', 'link')) ?? [];
  await lab.run('ip', 'link', 'set', 'dev', port, 'nomaster');
  expect(troubles(await doctor(lab))).toEqual([
    `Network/bridge ports: host interface "${port}" is not in bridge "flatnet-br0"`,
  ]);
  expect(troubles(await doctor(lab, '--fix'))).toEqual([]);
});

test('doctor names ip_forward that is off; --fix turns it on', async () => {
  await using lab = await goodLab();
  await lab.run('sysctl', '-qw', 'net.ipv4.ip_forward=0');
  expect(troubles(await doctor(lab))).toEqual(['Host/ip forwarding: net.ipv4.ip_forward is 0']);
  expect(troubles(await doctor(lab, '--fix'))).toEqual([]);
  expect(await lab.run('sysctl', '-n', 'net.ipv4.ip_forward')).toBe('1\n');
});

test('doctor names a FORWARD policy of DROP; --fix lets the bridge pass', async () => {
  await using lab = await goodLab();
  await lab.run('iptables', '-P', 'FORWARD', 'DROP');
  expect(troubles(await doctor(lab))).toEqual([
    'Network/forward chain: Chain "ip filter FORWARD" may drop forwarded packets of bridge "flatnet-br0"',
  ]);
  expect(troubles(await doctor(lab, '--fix'))).toEqual([]);
  expect(await lab.run('iptables', '-S', 'FORWARD')).toMatch(/^-A FORWARD -i flatnet-br0 .*-j ACCEPT$/m);
});

test('doctor names a final REJECT of a firewall; --fix puts its rules before it', async () => {
  await using lab = await goodLab();
  await lab.run('iptables', '-A', 'FORWARD', '-m', 'conntrack', '--ctstate', 'ESTABLISHED', '-j', 'ACCEPT');
  await lab.run('iptables', '-A', 'FORWARD', '-j', 'REJECT');
  expect(troubles(await doctor(lab)).join()).toContain('Chain "ip filter FORWARD" may drop');
  expect(troubles(await doctor(lab, '--fix'))).toEqual([]);
  expect(await lab.run('iptables', '-S', 'FORWARD')).toMatch(
    /FORWARD -i flatnet-br0 .*-j ACCEPT\n[^]*-j REJECT/,
  );
});

test('doctor names an nft chain that drops; --fix opens it, and disable closes it again', async () => {
  await using lab = await goodLab();
  await lab.run(
    'nft',
    'add table inet fw; add chain inet fw passing { type filter hook forward priority 10; policy drop; }',
  );
  expect(troubles(await doctor(lab)).join()).toContain('Chain "inet fw passing" may drop');
  expect(troubles(await doctor(lab, '--fix'))).toEqual([]);
  await lab.flatnet('forwarding', 'disable');
  expect(await lab.run('nft', 'list', 'chain', 'inet', 'fw', 'passing')).not.toContain('flatnet-br0');
});

test('doctor names masquerade that was flushed; --fix sets it again', async () => {
  await using lab = await goodLab();
  await lab.run('nft', 'flush', 'ruleset');
  expect(troubles(await doctor(lab)).join()).toContain('nothing masquerades 10.87.1.0/24');
  expect(troubles(await doctor(lab, '--fix'))).toEqual([]);
  expect(await lab.run('nft', 'list', 'ruleset')).toContain('10.87.1.0/24');
});

test('doctor names a damaged state file; --fix rebuilds it from the kernel', async () => {
  await using lab = await goodLab();
  await lab.write(STATE, '{"version":1,"alloc', 0o600);
  expect(troubles(await doctor(lab)).join()).toContain(
    'was damaged or edited by hand; 1 address can be recovered',
  );
  const fixed = await doctor(lab, '--fix');
  expect(troubles(fixed).map((line) => line.split(':')[0])).toEqual([
    'Addresses/set aside',
    // Links carry addresses, not rules.
    'Addresses/forgotten rules',
  ]);
  expect(Object.keys(JSON.parse(await lab.read(STATE)).allocations)).toEqual(['flatnet/10.87.1.2']);
});

test('status and doctor show an unreadable state as such', async () => {
  await using lab = await goodLab();
  await lab.run('rm', STATE);
  await lab.run('mkdir', STATE);
  expect(troubles(await doctor(lab)).join()).toContain('is not a regular file');
  const { stdout, stderr, exitCode } = await lab.flatnet('status');
  expect(stdout).toContain('is not a regular file');
  expect(stderr).toBe('');
  expect(exitCode).not.toBe(0);
});

test('doctor names dead entries; --fix frees them and nothing else', async () => {
  await using lab = await goodLab();
  const gone = await lab.attach('gone');
  const link = await lab.run('ip', '-br', 'link');
  await lab.run('ip', 'netns', 'delete', gone.sandbox.name);
  await expect.poll(async () => lab.run('ip', '-br', 'link'), { timeout: 10_000 }).not.toBe(link);
  expect(troubles(await doctor(lab)).join()).toContain('left by containers that are gone: 10.87.1.3 (gone)');
  expect(troubles(await doctor(lab, '--fix'))).toEqual([]);
  expect(Object.keys(JSON.parse(await lab.read(STATE)).allocations)).toEqual(['flatnet/10.87.1.2']);
});

test('doctor warns of a pool that is nearly full, and fails for a full one', async () => {
  await using lab = await createLab();
  await lab.flatnet('install', '--subnet', '10.87.1.0/29');
  for (const name of ['a', 'b', 'c', 'd']) await lab.attach(name);
  const nearly = await doctor(lab);
  expect(troubles(nearly)).toEqual(['Addresses/pool: 10.87.1.0/29: 4 of 5 used (80 %)']);
  expect(nearly.summary.exit_code).toBe(1);
  await lab.attach('e');
  expect((await doctor(lab)).summary.exit_code).toBe(2);
});

test('doctor names a VPN route over the subnet, and one that takes it over', async () => {
  await using lab = await goodLab();
  await lab.run('ip', 'link', 'add', 'vpn0', 'type', 'bridge');
  await lab.run('ip', 'link', 'set', 'dev', 'vpn0', 'up');
  await lab.run('ip', 'route', 'add', '10.0.0.0/8', 'dev', 'vpn0');
  expect(troubles(await doctor(lab))).toEqual([
    'Network/routes: 10.87.1.0/24 lies inside route "10.0.0.0/8 dev vpn0" (a VPN or another site)',
  ]);
  await lab.run('ip', 'route', 'add', '10.87.1.128/25', 'dev', 'vpn0');
  expect(troubles(await doctor(lab)).join()).toContain(
    'route "10.87.1.128/25 dev vpn0" diverts packets for 10.87.1.0/24 from flatnet-br0',
  );
});

test('doctor names an uplink with a smaller MTU', async () => {
  await using lab = await goodLab();
  await lab.run('ip', 'link', 'add', 'up0', 'mtu', '1400', 'type', 'bridge');
  await lab.run('ip', 'address', 'add', '192.0.2.1/24', 'dev', 'up0');
  await lab.run('ip', 'link', 'set', 'dev', 'up0', 'up');
  await lab.run('ip', 'route', 'add', 'default', 'via', '192.0.2.2');
  expect(troubles(await doctor(lab))).toEqual([
    'Network/mtu: 1500 on flatnet-br0, but only 1400 on up0, the default route',
  ]);
});

test('doctor names a full disk', async () => {
  await using lab = await goodLab();
  await lab.run('mount', '-t', 'tmpfs', '-o', 'size=64k,mode=700', 'tmpfs', '/var/lib/flatnet/ipam');
  await lab.host.exec(['dd', 'if=/dev/zero', 'of=/var/lib/flatnet/ipam/filler', 'bs=4k']);
  const report = await doctor(lab);
  const disk = report.checks.find(
    ({ name, message }) => name === 'disk' && message.includes('/var/lib/flatnet/ipam'),
  );
  expect(disk).toMatchObject({ status: 'fail', message: expect.stringContaining('100 %') });
});

test('doctor names a plugin that is not executable; --fix makes it so', async () => {
  await using lab = await goodLab();
  await lab.run('chmod', '644', PLUGIN);
  expect(troubles(await doctor(lab))).toEqual([`Plugin/executable: ${PLUGIN} is not executable`]);
  expect(troubles(await doctor(lab, '--fix'))).toEqual([]);
});

test('doctor names a plugin that is no plugin', async () => {
  await using lab = await goodLab();
  await lab.write('/run/fake', '#!/bin/sh\necho oops\n', 0o755);
  await lab.run('cp', '/run/fake', PLUGIN);
  await lab.run('chmod', '755', PLUGIN);
  expect(troubles(await doctor(lab))).toEqual([
    `Plugin/executable: ${PLUGIN} does not answer VERSION: exit code 0: oops`,
  ]);
});

test('doctor names the place of a syntax error in the conflist', async () => {
  await using lab = await goodLab();
  await lab.write(CONFLIST, '{\n  "cniVersion": "1.0.0",\n  "name": "flatnet"\n  "plugins": []\n}\n');
  const found = troubles(await doctor(lab)).join();
  expect(found).toContain(`Cannot read "${CONFLIST}": it is not valid JSON`);
  expect(found).toContain('line 4');
});

test('doctor names the key and value that the plugin would refuse', async () => {
  await using lab = await goodLab();
  await lab.write(CONFLIST, (await lab.read(CONFLIST)).replace('10.87.1.1"', '10.99.1.1"'));
  expect(troubles(await doctor(lab)).join()).toContain('ipam.ranges[0][0].gateway "10.99.1.1"');
});

test('doctor --quiet prints what needs looking at, and nothing else', async () => {
  await using lab = await goodLab();
  expect((await lab.flatnet('doctor', '--quiet')).stdout).toBe('');
  await lab.run('sysctl', '-qw', 'net.ipv4.ip_forward=0');
  expect((await lab.flatnet('doctor', '--quiet')).stdout).toBe(
    '[FAIL] Host/ip forwarding: net.ipv4.ip_forward is 0\n  -> sudo flatnet forwarding enable --persist\n',
  );
});

test('doctor --bundle writes an archive that only its owner can read', async () => {
  await using lab = await goodLab();
  const { exitCode } = await lab.flatnet('doctor', '--bundle', '/run/support.tar.gz');
  expect(exitCode).toBe(0);
  expect(await lab.run('stat', '-c', '%a', '/run/support.tar.gz')).toBe('600\n');
  const names = await lab.run('tar', '-tzf', '/run/support.tar.gz');
  for (const name of [
    'doctor.json',
    'ip-address.txt',
    'nft-ruleset.txt',
    'sysctl.txt',
    'containers-conf.json',
    'cni.log',
    `files${STATE}`,
    `files${CONFLIST}`,
  ]) {
    expect(names).toContain(`flatnet-support/${name}\n`);
  }
});

test('doctor --bundle says when its file is a directory', async () => {
  await using lab = await goodLab();
  expect(await lab.flatnet('doctor', '--quiet', '--bundle', '/run')).toMatchObject({
    exitCode: 2,
    stderr: 'Cannot write a support bundle to "/run": it is a directory\n',
  });
});

test('doctor warns of calls that failed', async () => {
  await using lab = await goodLab();
  await lab.run('ip', 'link', 'del', 'dev', 'flatnet-br0');
  await lab.run('ip', 'link', 'add', 'flatnet-br0', 'type', 'veth', 'peer', 'name', 'other');
  await expect(lab.attach('web2')).rejects.toThrow();
  expect(troubles(await doctor(lab)).join()).toMatch(/1 call failed in the last hour, .*: ADD web2: /);
});
