import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';

const ROOT = join(import.meta.dirname, '../..');
const UNITS = '/etc/systemd/system';

let host: Host;

/** A host whose /usr/sbin is its own, with a stand-in for apt-get that does what packages of daemons do. */
beforeEach(async () => {
  host = await createHost();
  await mkdir(host.file('/var/lib/dpkg'));
  await cp('/var/lib/dpkg/status', host.file('/var/lib/dpkg/status'));
  await host.run(['mkdir', '-p', '/run/upper', '/run/work', '/run/bin', '/run/tmp', '/etc/rc2.d']);
  const layers = 'lowerdir=/usr/sbin,upperdir=/run/upper,workdir=/run/work';
  await host.run(['mount', '-t', 'overlay', 'overlay', '-o', layers, '/usr/sbin']);
  await host.run(['rm', '-f', '/usr/sbin/policy-rc.d']);
  await writeFile(
    host.file('/run/bin/apt-get'),
    `#!/bin/sh
echo "apt-get $*"
case "$*" in *--no-download*) ;; *) exit 0 ;; esac
/usr/sbin/policy-rc.d daemon start
echo "policy $?"
mkdir -p ${UNITS}/multi-user.target.wants
ln -s /lib/systemd/system/daemon.service ${UNITS}/multi-user.target.wants/daemon.service
ln -s /lib/systemd/system/daemon.service ${UNITS}/dbus-org.daemon.service
ln -s /dev/null ${UNITS}/masked.service
ln -s ../init.d/daemon /etc/rc2.d/S01daemon
echo unpacked >>/run/unpacked
[ -z "$APT_HOOK" ] || . "$APT_HOOK"
`,
    { mode: 0o755 },
  );
});
afterEach(() => host.dispose());

/** With the options of quickstart.sh, the stricter of the two that use it. */
const PREPARE = `set -euo pipefail; cd ${ROOT}; . scripts/steps.sh; . scripts/packages.sh; work=/run/tmp; end_on_signals; `;
const env = { PATH: '/run/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
const linksOf = async () =>
  (await host.run(['find', UNITS, '/etc/rc2.d', '-type', 'l', '-printf', '%f\n'])).trim().split('\n').sort();

it('install_packages() lets no daemon start, now or at the next boot, and leaves what starts already', async () => {
  await host.run(['mkdir', '-p', `${UNITS}/multi-user.target.wants`]);
  const own = `${UNITS}/multi-user.target.wants/own.service`;
  await host.run(['ln', '-s', '/lib/systemd/system/own.service', own]);
  const before = await linksOf();
  const { exitCode, stdout, stderr } = await host.exec(
    [
      'bash',
      '-c',
      `${PREPARE} announce_packages no-daemon bash; run_in_group install_packages no-daemon bash`,
    ],
    { env },
  );
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toContain('Packages to be installed, with what they depend on:\n  no-daemon\n');
  expect(stdout).toMatch(/--download-only install no-daemon\n/);
  expect(stdout).toContain('policy 101\n');
  expect(stdout).toContain('Left disabled: daemon.service\n');
  expect(await linksOf()).toEqual([...before, 'K01daemon', 'masked.service'].sort());
  expect((await host.exec(['ls', '/usr/sbin/policy-rc.d', '/run/tmp/unpacking'])).stdout).toBe('');
});

it("install_packages() leaves the user's own policy", async () => {
  await writeFile(host.file('/usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  const { stdout } = await host.exec(['bash', '-c', `${PREPARE} install_packages no-daemon`], { env });
  expect(stdout).toContain('policy 0\n');
  expect(await host.run(['cat', '/usr/sbin/policy-rc.d'])).toBe('#!/bin/sh\nexit 0\n');
});

it('a signal while packages are unpacked ends the script after that, not dpkg', async () => {
  const hook =
    'echo hooked >/run/hooked; until [ -e /run/go ]; do sleep 0.05; done; echo whole >>/run/unpacked\n';
  await writeFile(host.file('/run/hook'), hook);
  const running = host.start(['bash', '-c', `${PREPARE} run_in_group install_packages no-daemon`], {
    env: { ...env, APT_HOOK: '/run/hook' },
  });
  await expect.poll(async () => (await host.exec(['cat', '/run/hooked'])).stdout).toBe('hooked\n');
  running.kill('SIGINT');
  await host.run(['touch', '/run/go']);
  const { exitCode, stderr } = await running.result;
  expect(exitCode, stderr).toBe(130);
  expect(await host.run(['cat', '/run/unpacked'])).toBe('unpacked\nwhole\n');
  expect((await host.exec(['ls', '/usr/sbin/policy-rc.d', '/run/tmp/unpacking'])).stdout).toBe('');
});
