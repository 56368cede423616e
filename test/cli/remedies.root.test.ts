import { expect, test } from 'vitest';
import { doctor, goodLab, remedyOf } from './examination.ts';
import { createLab, STATE } from './lab.ts';

test('forwarding says with every command, and its exit code, that rules are lost at a restart', async () => {
  await using lab = await goodLab();
  const lost = 'the rules of the packet filter do not survive a restart here: there is no systemd';
  const enabled = await lab.flatnet('forwarding', 'enable', '--persist');
  expect(enabled).toMatchObject({ exitCode: 1, stdout: '' });
  expect(enabled.stderr.toLowerCase()).toContain(lost);
  const shown = await lab.flatnet('forwarding', 'status');
  expect(shown.stdout).toContain(`! ${lost}`);
  expect(shown.stdout).not.toContain('✓ restored at boot');
  expect(shown.exitCode).toBe(1);
  await lab.run('mkdir', '-p', '/run/systemd/system');
  expect((await lab.flatnet('forwarding', 'status')).stdout).toContain('forwarding enable --persist');
  expect((await lab.flatnet('forwarding', 'enable', '--persist')).exitCode).toBe(0);
  expect(await lab.flatnet('forwarding', 'enable', '--persist')).toMatchObject({
    exitCode: 0,
    stdout: 'Nothing to do: forwarding is enabled already.\n',
  });
  expect(await lab.flatnet('forwarding', 'status')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('✓ restored at boot'),
  });
});

test('the remedy for damaged copies removes them, typed by somebody who cannot look into the directory', async () => {
  await using lab = await goodLab();
  for (const time of ['1', '2']) await lab.write(`${STATE}.corrupt-${time}`, '{', 0o600);
  const remedy = remedyOf(await doctor(lab), 'set aside')?.replace(/^.*: /, '') ?? '';
  // A shell that expands no glob of a directory it cannot enter, as that of an ordinary user.
  await lab.run('sh', '-fc', remedy);
  expect(await lab.run('ls', '/var/lib/flatnet/ipam')).not.toContain('corrupt');
});

test('the remedy for a full disk looks where its file system begins, without a glob', async () => {
  await using lab = await goodLab();
  await lab.run('mkdir', '-p', '/var/log/flatnet');
  await lab.run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', '/var/log');
  await lab.run('mkdir', '/var/log/flatnet');
  await lab.host.exec(['dd', 'if=/dev/zero', 'of=/var/log/full', 'bs=4k']);
  expect(remedyOf(await doctor(lab), 'disk')).toContain('; sudo du -xhd1 /var/log | sort -rh | head;');
  await lab.attach('web2');
  const { exitCode, stderr } = await lab.flatnet('logs');
  expect(stderr).toContain('the file system of /var/log is full');
  expect(exitCode).toBe(2);
});

test('status claims nothing of the first container where the bridge was deleted under two', async () => {
  await using lab = await goodLab();
  await lab.attach('web2');
  await lab.run('ip', 'link', 'del', 'flatnet-br0');
  const { stdout } = await lab.flatnet('status');
  expect(stdout).toContain('bridge absent');
  expect(stdout).not.toContain('first container');
});

test('install names what two networks share, and that alone', async () => {
  await using lab = await goodLab();
  const asked = ['install', '--network', 'lab'];
  const bridge = await lab.flatnet(...asked, '--subnet', '10.87.9.0/24');
  expect(bridge.stderr).toMatch(/has bridge "flatnet-br0"\n {2}Give it a --bridge of its own\.\n/);
  const subnet = await lab.flatnet(...asked, '--bridge', 'lab0');
  expect(subnet.stderr).toMatch(/has 10\.87\.1\.0\/24\n {2}Give it a --subnet of its own\.\n/);
});

test('network create says what overlaps, where nothing is left to propose too', async () => {
  await using lab = await createLab();
  expect((await lab.flatnet('install', '--subnet', '10.87.0.0/16')).exitCode).toBe(0);
  const { exitCode, stderr } = await lab.flatnet('network', 'create', 'x', '--subnet', '10.87.1.128/25');
  expect(stderr).toContain('10.87.1.128/25 overlaps 10.87.0.0/16');
  expect(stderr).toContain('--force uses 10.87.1.128/25 anyway');
  expect(exitCode).toBe(2);
});

test('doctor --bundle makes no directory', async () => {
  await using lab = await goodLab();
  const { exitCode, stderr } = await lab.flatnet('doctor', '--bundle', '/run/nodir/b.tar.gz');
  expect(stderr).toContain('there is no directory "/run/nodir"');
  expect(exitCode).toBe(2);
  expect((await lab.host.exec(['test', '-e', '/run/nodir'])).exitCode).toBe(1);
});
