import { expect, test } from 'vitest';
import { PLAIN_ENVIRONMENT } from '../../conformance/exec.ts';
import { EXECUTABLE } from '../executable.ts';
import { createLab, type Lab } from '../cli/lab.ts';
import { ENGINE_CONF, importImage, STORAGE } from '../podman/machine.ts';
import { documents, ROOT } from './markdown.ts';
import { commandLines } from './shell.ts';

/** Packages, sources and builds are scripts/quickstart.sh's tests; the other machine of the LAN is not there. */
const LEFT_OUT = /apt-get|quickstart|^(git|npm) |192\.168|podman info/;

function commandsOfGuide(): readonly string[] {
  const guide = documents().find(({ path }) => path === 'docs/setup/phase-2-setup.md');
  return (guide?.blocks ?? [])
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => commandLines(text))
    .filter((line) => !LEFT_OUT.test(line));
}

async function freshMachine(): Promise<Lab> {
  const lab = await createLab({ podman: true });
  for (const directory of ['/dev/shm', '/var/tmp', '/tmp']) {
    await lab.run('mount', '-t', 'tmpfs', '-o', 'mode=1777', 'tmpfs', directory);
  }
  await lab.write('/usr/local/bin/sudo', '#!/bin/sh\nexec "$@"\n', 0o755);
  // What the guide has to assume of a machine, and what this one needs besides: no registry, no systemd, hybrid cgroups.
  await lab.write('/etc/containers/containers.conf', ENGINE_CONF);
  await lab.write('/etc/containers/storage.conf', STORAGE);
  return lab;
}

/**
 * The line as it can be run here: what was built, no grace for containers to end in, and instead of curl, which may not
 * be there, what asks again until a server that has only just been started listens.
 */
function adapted(line: string): string {
  return line
    .replace('dist/flatnet', EXECUTABLE)
    .replace('podman rm -f ', 'podman rm -f --time 0 ')
    .replace(/^curl (.*)$/, 'until busybox wget -q -O - $1; do sleep 0.1; done');
}

/** Images have the names that the guide pulls; all serve the same page. */
async function addImages(lab: Lab): Promise<void> {
  const succeed = (...words: readonly string[]) => lab.run('podman', ...words);
  for (const name of ['nginx:alpine', 'redis:alpine']) {
    await importImage({ host: lab.host, succeed }, `docker.io/library/${name}`);
  }
}

/** What `flatnet ps --json` prints. */
interface Listed {
  readonly containers: readonly { readonly name: string; readonly uptime?: number }[];
}

test('whoever types what the set-up guide says has containers that are reached, and nothing left afterwards', async () => {
  await using lab = await freshMachine();
  const lines = commandsOfGuide();
  expect(lines.length).toBeGreaterThan(15);
  const ran: string[] = [];
  let published: Listed | undefined;
  try {
    for (const line of lines) {
      const { exitCode, stdout, stderr } = await lab.host.exec(
        ['bash', '-euc', `cd ${ROOT}; ${adapted(line)}`],
        { timeoutMs: 120_000, env: { ...PLAIN_ENVIRONMENT, HOME: '/root' } },
      );
      expect(exitCode, `${line}\n${stdout}${stderr}`).toBeLessThanOrEqual(
        /flatnet|forwarding/.test(line) ? 1 : 0,
      );
      ran.push(`${line}\n${stdout}`);
      if (line.includes('containers.conf.d/flatnet.conf')) await addImages(lab);
      if (line.includes('--name web'))
        await lab.run('podman', 'run', '-d', '--name=other', '--network=lab', 'nginx:alpine');
      if (line.includes('--name mail')) published = await lab.json<Listed>('ps');
      if (line.includes('network connect')) await lab.run('podman', 'rm', '-f', '--time=0', 'other');
    }
  } finally {
    await lab.host.exec(['podman', 'rm', '-af', '--time=0']);
  }
  const mail = published?.containers.find(({ name }) => name === 'mail');
  expect(mail).toMatchObject({
    addresses: ['10.87.1.50'],
    ports: ['0.0.0.0:8025->25/tcp'],
    state: 'running',
  });
  expect(mail?.uptime).toBeGreaterThanOrEqual(0);
  const said = ran.join('\n');
  expect(said).toContain('curl http://10.87.1.2/\nok\n');
  expect(said).toMatch(/web +10\.87\.1\.2 +running/);
  expect(said).toContain('[OK] Container inter-communication');
  expect(said).toContain('0 failed');
  expect(said).toContain('removed /opt/cni/bin/flatnet');
  expect(await lab.run('ip', '-br', 'link')).not.toMatch(/flatnet-br0|lab-br0|\bfn/);
}, 300_000);
