import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importImage } from '../podman/machine.ts';
import { type Clone, ROOT } from './clone.ts';
import { createCloneOnDebian13 } from './clone-debian-13.ts';

const NAMES = ['flatnet-quickstart-1', 'flatnet-quickstart-2', 'flatnet-quickstart-3'];
const NETWORK = '/etc/containers/networks/flatnet.json';

/** The settings that the script says Podman on this machine needs; none where its own serve. */
function settingsIn(stdout: string): string {
  const [, settings = ''] = stdout.split('needs in /etc/containers/containers.conf:\n');
  return settings.replaceAll(/^ {2}/gm, '');
}

/** The first command of the README. */
async function commandOfReadme(): Promise<string> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  return /^podman run .*$/m.exec(readme)?.[0] ?? '';
}

const podmanOf =
  ({ host, env }: Clone) =>
  (...words: readonly string[]) =>
    host.run(['podman', ...words], { env, timeoutMs: 60_000 });

/** What Podman and flatnet know is there, once the script has ended. */
async function expectOnlyInstalled(clone: Clone): Promise<void> {
  const { host } = clone;
  expect(JSON.parse(await readFile(host.file(NETWORK), 'utf8'))).toMatchObject({ driver: 'flatnet' });
  await expect(access(host.file('/etc/cni/net.d/flatnet.conflist'))).rejects.toThrow('ENOENT');
  expect(await clone.containers()).toEqual([]);
  expect(await clone.veths()).toBe('');
}

/** Types what README shows, with an image of that name: it is reached, and keeps its address. */
async function pasteReadme(clone: Clone): Promise<void> {
  const { host, env } = clone;
  const podman = podmanOf(clone);
  await importImage({ host, succeed: podman }, 'docker.io/library/nginx');
  await host.run(['sh', '-c', await commandOfReadme()], { env, timeoutMs: 60_000 });
  const format = '--format={{.NetworkSettings.Networks.flatnet.IPAddress}}';
  const address = (await podman('inspect', format, 'web')).trim();
  expect(address).toMatch(/^10\.87\.1\.\d+$/);
  const page = () => host.run(['busybox', 'wget', '-q', '-O', '-', `http://${address}/`]);
  await expect.poll(() => page().catch(() => 'nothing'), { timeout: 10_000 }).toBe('ok\n');
  await podman('restart', '--time=0', 'web');
  expect((await podman('inspect', format, 'web')).trim()).toBe(address);
}

test('scripts/quickstart.sh on Debian 13 makes flatnet a driver; then what README shows works when it is pasted', async () => {
  await using clone = await createCloneOnDebian13();

  const { exitCode, stdout } = await clone.script('quickstart.sh');

  expect(exitCode, stdout).toBe(0);
  expect(stdout).toMatch(
    /^Packages to be installed, with what they depend on:\n {2}dnsmasq-base nodejs npm\nInstalling missing packages /,
  );
  expect(stdout).toMatch(/\n {4}Podman 5\.\S+ with netavark 1\.\S+\n/);
  expect(stdout).toMatch(/\n {4}Installed as a driver of netavark: Podman 5\./);
  NAMES.forEach((name, index) => {
    expect(stdout).toContain(`${name}  10.87.1.${index + 2}\n`);
    expect(stdout).toContain(`host: http://10.87.1.${index + 2}/: Hello from ${name}\n`);
  });
  expect(stdout).toContain('flatnet-quickstart-1: http://10.87.1.3/: Hello from flatnet-quickstart-2\n');
  expect(stdout).toContain('flatnet-quickstart-1: flatnet-quickstart-2 is at 10.87.1.3\n');
  expect(stdout).toContain('Containers join it with "podman run --network flatnet"');
  await expectOnlyInstalled(clone);

  await writeFile(clone.host.file('/etc/containers/containers.conf'), settingsIn(stdout));
  try {
    await pasteReadme(clone);
    const integration = await clone.script('test-integration.sh', '--quick');
    expect(integration.exitCode, integration.stdout).toBe(0);
  } finally {
    await podmanOf(clone)('rm', '--all', '--force', '--time=0');
  }
});

test('scripts/quickstart.sh says which Podman it needs where there is no way, and builds nothing', async () => {
  await using clone = await createCloneOnDebian13();
  const { host } = clone;
  const advice =
    'Cannot finish "Looking for Podman". flatnet needs Podman 4 with CNI, as Debian 12 and Ubuntu 24.04 have it, or ' +
    'Podman 5 with netavark 1.6, as Debian 13.';
  await writeFile(host.file('/usr/lib/podman/netavark'), '#!/bin/sh\necho netavark 1.4.0\n');
  const drivers = await clone.script('quickstart.sh');
  expect(drivers.exitCode).toBe(1);
  expect(drivers.stdout).toContain('has netavark 1.4.0, which knows no drivers; it needs 1.6 or newer\n');
  expect(drivers.stdout).toContain(advice);

  await host.run(['rm', '/usr/lib/podman/netavark']);
  const none = await clone.script('quickstart.sh');
  expect(none.exitCode).toBe(1);
  expect(none.stdout).toContain('cannot say which netavark it has, see above\n');
  expect(none.stdout).toContain(advice);

  await writeFile(host.file('/run/bin/podman'), '#!/bin/sh\necho podman version 3.4.4\n', { mode: 0o755 });
  const old = await clone.script('quickstart.sh');
  expect(old.exitCode).toBe(1);
  expect(old.stdout).toContain('Podman 3.4.4 tells no network backend; flatnet needs Podman 4 or newer\n');
  expect(old.stdout).not.toContain('npm ci');
});
