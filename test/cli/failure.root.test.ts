import { expect, test } from 'vitest';
import { doctor, goodLab } from './examination.ts';
import { CONFLIST, createLab, type Lab } from './lab.ts';

async function mounted(path: string, options: string): Promise<Lab> {
  const lab = await createLab();
  await lab.run('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', path);
  return lab;
}

test('install says what it could not write, why, and what helps, on a full and on a read-only /opt', async () => {
  await using full = await mounted('/opt', 'size=64k');
  expect(await full.flatnet('install')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(
      /^Cannot run "flatnet install": "\/.*": no space left on device\n {2}Free space or inodes.*\n$/,
    ),
  });
  await using readOnly = await mounted('/opt', 'ro');
  expect(await readOnly.flatnet('install')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(
      /^Cannot run "flatnet install": "\/opt\/cni": read-only file system\n {2}The file system is mounted read-only.*\n$/,
    ),
  });
});

test('logs names a directory that is in the place of the log', async () => {
  await using lab = await createLab();
  await lab.run('mkdir', '-p', '/var/log/flatnet/cni.log');
  expect(await lab.flatnet('logs')).toMatchObject({
    exitCode: 2,
    stderr:
      'Cannot run "flatnet logs": "/var/log/flatnet/cni.log": illegal operation on a directory\n  A directory is in the place of the file: move it away\n',
  });
});

test('root on a machine without sudo is told nothing of sudo', async () => {
  await using lab = await goodLab({ sudo: false });
  await lab.run('sysctl', '-qw', 'net.ipv4.ip_forward=0');
  await lab.run('ip', 'link', 'set', 'dev', 'flatnet-br0', 'down');
  expect(JSON.stringify(await doctor(lab))).not.toContain('sudo');
  await lab.write(CONFLIST, '{');
  for (const command of ['doctor', 'status', 'install', 'forwarding status', 'network inspect x']) {
    const { stdout, stderr } = await lab.flatnet(...command.split(' '));
    expect(stdout + stderr, command).not.toContain('sudo');
  }
  expect((await lab.flatnet('status')).stdout).toContain(`: editor ${CONFLIST}\n`);
});

test('the call by hand that help shows works as it stands', async () => {
  await using lab = await createLab();
  await lab.flatnet('install');
  await lab.run('ip', 'netns', 'add', 'box');
  const { stdout } = await lab.flatnet('--help');
  const [call = ''] = /^ *echo [^]*--trace$/m.exec(stdout) ?? [];
  const added = await lab.host.exec(['sh', '-c', call]);
  expect(JSON.parse(added.stdout)).toMatchObject({ ips: [{ address: '10.87.1.2/24' }] });
  expect(added.stderr).toMatch(/^flatnet: ADD took /);
  expect((await lab.host.exec(['sh', '-c', call.replace('ADD', 'DEL')])).exitCode).toBe(0);
  const page = await lab.run('sh', '-c', '/opt/cni/bin/flatnet man');
  expect(page.replaceAll('\\-', '-').replaceAll('\\e', '\\')).toContain(call.replaceAll(/^ {2}/gm, ''));
});
