import { expect, test } from 'vitest';
import { createLab, type Lab } from '../lab.ts';

const LOGROTATE = '/etc/logrotate.d/flatnet';
const SYSCTL = '/etc/sysctl.d/99-flatnet.conf';
const UNIT = '/etc/systemd/system/flatnet.service';
const FORWARDING_UNIT = '/etc/systemd/system/flatnet-forwarding.service';
const WANTS = '/etc/systemd/system/multi-user.target.wants';

async function installed(): Promise<Lab> {
  const lab = await createLab();
  await lab.run('mkdir', '-p', '/run/systemd/system');
  expect(await lab.flatnet('install')).toMatchObject({ exitCode: 0, stderr: '' });
  expect((await lab.flatnet('forwarding', 'enable', '--persist')).exitCode).toBe(0);
  return lab;
}

async function append(lab: Lab, path: string, line: string): Promise<string> {
  const text = `${await lab.read(path)}${line}\n`;
  await lab.write(path, text);
  return text;
}

test('install keeps settings and units somebody changed, before and after an uninstall, and names them', async () => {
  await using lab = await installed();
  const texts = new Map<string, string>();
  for (const path of [LOGROTATE, SYSCTL, UNIT]) texts.set(path, await append(lab, path, '# mine'));
  for (const round of ['again', 'after uninstall']) {
    const { exitCode, stdout } = await lab.flatnet('install');
    expect(exitCode, round).toBe(1);
    for (const [path, text] of texts) {
      expect(stdout).toContain(
        `kept       ${path}\n           it differs from the text that flatnet would write`,
      );
      expect(await lab.read(path)).toBe(text);
    }
    expect((await lab.flatnet('uninstall')).exitCode).toBe(1);
  }
  expect(await lab.run('find', WANTS, '-name', 'flatnet*')).toBe(`${WANTS}/flatnet.service\n`);
});

test('uninstall keeps what was changed since, and says so once for each', async () => {
  await using lab = await installed();
  const paths = [LOGROTATE, SYSCTL, UNIT, FORWARDING_UNIT];
  for (const path of paths) await append(lab, path, '# mine');
  const { exitCode, stdout } = await lab.flatnet('uninstall');
  expect(exitCode).toBe(1);
  const kept = stdout.split('\n').filter((line) => line.startsWith('kept'));
  expect(kept.sort()).toEqual(paths.map((path) => `kept, because it was changed since: ${path}`).sort());
  for (const path of paths) expect(await lab.read(path)).toContain('# mine');
});

test('forwarding enable --persist and disable keep files somebody changed, and say so', async () => {
  await using lab = await installed();
  const texts = new Map<string, string>();
  for (const path of [SYSCTL, FORWARDING_UNIT]) texts.set(path, await append(lab, path, '# mine'));
  const commands = [['enable', '--persist'], ['disable']];
  for (const command of commands) {
    const { exitCode, stdout } = await lab.flatnet('forwarding', ...command);
    expect(exitCode).toBe(1);
    for (const [path, text] of texts) {
      expect(stdout).toMatch(new RegExp(`^kept.*${path}`, 'm'));
      expect(await lab.read(path)).toBe(text);
    }
  }
});

test('install replaces what another release put there and nobody changed', async () => {
  await using lab = await installed();
  const older = '# what an older release wrote\n';
  const paths = [LOGROTATE, SYSCTL, UNIT];
  for (const path of paths) await lab.write(path, older);
  const sums = await lab.run('sha256sum', ...paths);
  const manifest = JSON.parse(await lab.read('/var/lib/flatnet/installed.json'));
  for (const [, sha256 = '', path = ''] of sums.matchAll(/^(\S+) +(\S+)$/gm)) {
    manifest.find((file: { path: string }) => file.path === path).sha256 = sha256;
  }
  await lab.write('/var/lib/flatnet/installed.json', JSON.stringify(manifest));
  expect((await lab.flatnet('install')).exitCode).toBe(0);
  for (const path of paths) expect(await lab.read(path)).not.toBe(older);
});
