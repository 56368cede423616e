import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { importImage } from '../podman/machine.ts';
import { createMachine5 } from '../podman5/machine.ts';
import { ensureExecutable } from '../executable.ts';
import { documents } from './markdown.ts';
import { commandLines } from './shell.ts';

/** The clone that the guide begins in. */
const CLONE = '/root/clone';

function commandsOfGuide(): readonly string[] {
  const guide = documents().find(({ path }) => path === 'docs/setup/podman-5.md');
  return (guide?.blocks ?? [])
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => commandLines(text));
}

/** Without sudo and curl, which the machine has not; no grace for containers to end in. */
function adapted(line: string): string {
  return line
    .replace(/^sudo /, '')
    .replace('podman rm -f ', 'podman rm -f --time 0 ')
    .replace(/^curl (.*)$/, 'until busybox wget -q -O - $1; do sleep 0.1; done');
}

test('whoever types what the guide to Podman 5 says has containers that are reached, and nothing left afterwards', async () => {
  await ensureExecutable();
  await using machine = await createMachine5(`${CLONE}/dist/flatnet`);
  for (const name of ['nginx:alpine', 'redis:alpine'])
    await importImage(machine, `docker.io/library/${name}`);
  // By its own configuration, as on a machine of one's own.
  const conf = await readFile(machine.host.file('/run/flatnet-test/containers.conf'), 'utf8');
  await writeFile(machine.host.file('/etc/containers/containers.conf'), conf);
  const env = {
    PODMAN_IGNORE_CGROUPSV1_WARNING: '1',
    CONTAINERS_STORAGE_CONF: '/run/flatnet-test/storage.conf',
    HOME: '/root',
  };
  const lines = commandsOfGuide();
  expect(lines.length).toBeGreaterThan(8);
  for (const line of lines) {
    const { exitCode, stdout, stderr } = await machine.host.exec(
      ['bash', '-euo', 'pipefail', '-c', `cd ${CLONE}; ${adapted(line)}`],
      {
        env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...env },
        timeoutMs: 60_000,
      },
    );
    expect(exitCode, `${line}: ${stderr}`).toBe(0);
    if (line.startsWith('curl')) expect(stdout.trim()).toBe('ok');
    if (line.includes('podman info')) expect(stdout).toContain('flatnet');
    if (line.includes('inspect')) expect(stdout.trim()).toBe('10.87.1.2');
  }
  expect(await machine.allocations()).toEqual({});
});
