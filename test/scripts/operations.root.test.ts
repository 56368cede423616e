import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLab, type Lab, PLUGIN } from '../cli/lab.ts';

const SCRIPTS = join(import.meta.dirname, '../../scripts');

function script(lab: Lab, name: string, ...args: readonly string[]) {
  return lab.host.exec([join(SCRIPTS, name), ...args]);
}

test('scripts/test-cni.sh passes with a good plugin, and changes nothing of the machine', async () => {
  await using lab = await createLab();
  await lab.flatnet('install');
  const before = await lab.host.snapshot();
  const { exitCode, stdout } = await script(lab, 'test-cni.sh');
  expect(exitCode, stdout).toBe(0);
  expect(stdout).toContain(`=== CNI Test ===\n[OK] VERSION: ${PLUGIN}\n[OK] ADD\n`);
  expect(stdout).toContain('[OK] Nothing left behind\n=== Done ===\n');
  expect(stdout).not.toContain('[NG]');
  expect(await lab.host.snapshot()).toEqual(before);
});

test('scripts/test-cni.sh fails with a plugin that does not work, and shows what it said', async () => {
  await using lab = await createLab();
  await lab.write('/opt/broken', '#!/bin/sh\necho broken by intent\nexit 1\n', 0o755);
  const { exitCode, stdout } = await lab.host.exec([
    'env',
    'FLATNET=/opt/broken',
    join(SCRIPTS, 'test-cni.sh'),
  ]);
  expect(exitCode).toBe(1);
  expect(stdout).toContain('[NG] ADD\nbroken by intent\n');
});

test('scripts/wsl2/setup-forwarding.sh opens a closed FORWARD, again and again', async () => {
  await using lab = await createLab();
  await lab.flatnet('install');
  await lab.run('iptables', '-P', 'FORWARD', 'DROP');
  for (const _ of [1, 2]) {
    const { exitCode, stdout } = await script(lab, 'wsl2/setup-forwarding.sh');
    expect(exitCode, stdout).toBe(0);
    expect(stdout).toContain('flatnet-br0: packets pass');
  }
  expect((await lab.run('iptables', '-S', 'FORWARD')).match(/flatnet-br0/g)).toHaveLength(2);
  expect(await lab.run('sysctl', '-n', 'net.ipv4.ip_forward')).toBe('1\n');
});

test('scripts/wsl2/setup-forwarding.sh --persist makes it last', async () => {
  await using lab = await createLab();
  await lab.flatnet('install');
  await lab.run('mkdir', '-p', '/run/systemd/system');
  expect(await script(lab, 'wsl2/setup-forwarding.sh', '--persist')).toMatchObject({ exitCode: 0 });
  expect(await lab.read('/etc/sysctl.d/99-flatnet.conf')).toContain('net.ipv4.ip_forward=1');
  await lab.run('sysctl', '-qw', 'net.ipv4.ip_forward=0');
  await lab.run('sysctl', '-qp', '/etc/sysctl.d/99-flatnet.conf');
  expect(await lab.run('sysctl', '-n', 'net.ipv4.ip_forward')).toBe('1\n');
});

test('scripts/wsl2/setup-forwarding.sh says what is missing, and refuses words that it does not know', async () => {
  await using lab = await createLab();
  expect(await script(lab, 'wsl2/setup-forwarding.sh', '--presist')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('Unknown option "--presist"'),
  });
  expect(await script(lab, 'wsl2/setup-forwarding.sh')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/^ {2}sudo \S*flatnet install$/m),
  });
});
