import { readdir, readFile, readlink } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createClone } from './clone.ts';

/** Of each project something, with the tests that failed once because they saw what was installed. */
const SAMPLE = [
  'test/cni/run.test.ts',
  'test/cli/program.test.ts',
  'test/firewall/reload.root.test.ts',
  'test/attachment/foreign.root.test.ts',
  'test/podman/lost-state.podman.test.ts',
];

/** All that belongs to the machine, with the time of the last change; not what a Podman does when it is asked. */
const OWN = ['/etc', '/opt', '/var/lib/cni', '/var/lib/flatnet', '/var/log', '/run/flatnet', '/run/netns'];

test(
  'scripts/quickstart.sh and then scripts/test.sh: no test sees or changes what was installed',
  { timeout: 600_000 },
  async () => {
    await using clone = await createClone(true);
    const { host } = clone;
    const content = async () =>
      (await host.exec(['find', ...OWN, '-printf', '%p %i %m %s %T@ %C@\n'])).stdout.split('\n');
    const installed = await clone.script('quickstart.sh', '--keep');
    expect(installed.exitCode, installed.stdout).toBe(0);
    const before = await content();

    const { exitCode, stdout, stderr } = await clone.script('test.sh', ...SAMPLE);

    expect(exitCode, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/\n[1-9]\d* passed, 0 failed\n$/);
    expect(await content()).toEqual(before);
    expect(await clone.containers()).toHaveLength(3);
  },
);

/** Command lines of all that was started in a directory, below whatever session. */
async function startedIn(directory: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = pids.map(async (pid) => {
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    // A process may end between two looks at it.
    return cwd === directory ? readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') : '';
  });
  return (await Promise.all(lines)).filter((line) => line !== '');
}

test('scripts/test.sh ends at a signal with the throw-away hosts of its tests', async () => {
  await using clone = await createClone(true);
  const { host, directory, env } = clone;
  const words = [`${directory}/scripts/test.sh`, 'test/firewall/reload.root.test.ts'];
  const running = host.start(words, { env: { ...env, TMPDIR: '/dev/shm' }, timeoutMs: 120_000 });
  await expect
    .poll(() => startedIn(directory), { timeout: 60_000 })
    .toContainEqual(expect.stringContaining('echo holding'));
  running.kill('SIGINT');
  const { exitCode, stdout } = await running.result;

  expect(exitCode, stdout).toBe(130);
  await expect.poll(() => startedIn(directory), { timeout: 10_000 }).toEqual([]);
  expect(await readdir(host.file('/dev/shm'))).toEqual([]);
});
