import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ExecResult, PLAIN_ENVIRONMENT, run } from '../../conformance/exec.ts';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';

const ROOT = join(import.meta.dirname, '../..');
const NETWORK = '/etc/cni/net.d/flatnet.conflist';

let host: Host;
let clone: string;

beforeAll(ensureExecutable);

/** A copy of the project to run the script in, and a host whose /opt, /etc and state directories are private. */
beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'flatnet-clone-'));
  const files = await run([
    'git',
    '-C',
    ROOT,
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
  ]);
  for (const file of files.split('\0').filter((name) => name !== '')) {
    await cp(join(ROOT, file), join(clone, file));
  }
  await symlink(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  host = await createHost({ cgroups: true, tmpfs: ['/opt', '/dev/shm', '/var/tmp'] });
  // Node and npm may lie there.
  await makePrivate('/usr/local/bin');
  await mkdir(host.file('/var/lib/dpkg'));
  await cp('/var/lib/dpkg/status', host.file('/var/lib/dpkg/status'));
});

/** Lets the host have a copy of a directory, so that the machine's own stays as it is. */
async function makePrivate(directory: string): Promise<void> {
  const copy = `/run/private${directory}`;
  await host.run(['mkdir', '-p', copy]);
  await host.run(['cp', '-a', `${directory}/.`, copy]);
  await host.run(['mount', '--bind', copy, directory]);
}

/** What is configured of Podman; its directory "networks" is its own doing. */
async function podmanFiles(): Promise<readonly string[]> {
  return (await readdir(host.file('/etc/containers'))).filter((name) => name !== 'networks');
}

afterEach(async () => {
  await host.exec(['podman', 'rm', '--all', '--force', '--time=0'], { env: PRIVATE });
  await host.dispose();
  await rm(clone, { recursive: true });
});

/** How to see what the script runs where this machine's own Podman does not serve. */
const PRIVATE = {
  ...PLAIN_ENVIRONMENT,
  CONTAINERS_CONF: '/run/flatnet-quickstart/containers.conf',
  CONTAINERS_STORAGE_CONF: '/run/flatnet-quickstart/storage.conf',
};

/** The host has no network for "npm ci", and need not build again what is built: the words are those of the stand-in. */
async function replaceNpm(...words: readonly string[]): Promise<void> {
  await mkdir(host.file('/run/bin'));
  const npm = (await run(['which', 'npm'], { env: { PATH: process.env['PATH'] ?? '' } })).trim();
  const cases = words.map((word) => `[ "$*" != "${word}" ] || exit 0\n`).join('');
  await writeFile(host.file('/run/bin/npm'), `#!/bin/sh\n${cases}exec ${npm} "$@"\n`, { mode: 0o755 });
}

async function useWhatIsBuilt(): Promise<void> {
  await replaceNpm('ci', 'run build');
  await cp(EXECUTABLE, join(clone, 'dist/flatnet'));
}

function quickstart(...args: readonly string[]): Promise<ExecResult> {
  const env = { ...PLAIN_ENVIRONMENT, PATH: `/run/bin:${process.env['PATH'] ?? ''}`, HOME: '/root' };
  return host.exec([join(clone, 'scripts/quickstart.sh'), ...args], { env, timeoutMs: 120_000 });
}

const containers = async (): Promise<string[]> => {
  const { stdout } = await host.exec(['podman', 'ps', '--format={{.Names}}'], { env: PRIVATE });
  return stdout.split('\n').filter((name) => name !== '');
};

const veths = async (): Promise<string> => host.run(['ip', '-brief', 'link', 'show', 'type', 'veth']);

const NAMES = ['flatnet-quickstart-1', 'flatnet-quickstart-2', 'flatnet-quickstart-3'];

describe('scripts/quickstart.sh', () => {
  it('builds, installs, shows three addresses and fetched pages, and leaves only what it installed', async () => {
    await replaceNpm('ci');
    const configured = await podmanFiles();

    const { exitCode, stdout } = await quickstart();

    expect(exitCode, stdout).toBe(0);
    NAMES.forEach((name, index) => {
      expect(stdout).toContain(`${name}  10.87.1.${index + 2}\n`);
      expect(stdout).toContain(`host: http://10.87.1.${index + 2}/: Hello from ${name}\n`);
    });
    expect(stdout).toContain('flatnet-quickstart-1: http://10.87.1.3/: Hello from flatnet-quickstart-2\n');
    expect(await host.run(['/usr/local/bin/flatnet', '--version'])).toMatch(/^flatnet \d/);
    expect(await readFile(host.file(NETWORK), 'utf8')).toBe(
      await readFile(join(ROOT, 'examples/flatnet.conflist'), 'utf8'),
    );
    expect(await readdir(host.file('/opt/cni/bin'))).toEqual(['flatnet']);
    const configurations = (await readdir(host.file('/etc/cni/net.d'))).filter((name) => name !== 'cni.lock');
    expect(configurations).toEqual(['flatnet.conflist']);
    expect(await podmanFiles()).toEqual(configured);
    expect(await containers()).toEqual([]);
    expect(await veths()).toBe('');
  });

  it('leaves the containers running with --keep, and starts them anew when run again', async () => {
    await useWhatIsBuilt();

    const kept = await quickstart('--keep');

    expect(kept.exitCode, kept.stdout).toBe(0);
    expect((await containers()).sort()).toEqual(NAMES);
    expect(
      await host.run(['busybox', 'timeout', '5', 'busybox', 'wget', '-q', '-O', '-', 'http://10.87.1.4/']),
    ).toBe('Hello from flatnet-quickstart-3\n');
    expect(kept.stdout).toContain(`podman rm --force ${NAMES.join(' ')}`);
    expect(await quickstart()).toMatchObject({ exitCode: 0 });
    expect(await containers()).toEqual([]);
    expect(await veths()).toBe('');
  });

  it('says what failed and what to do, and leaves no container', async () => {
    await useWhatIsBuilt();
    await host.run(['ip', 'tuntap', 'add', 'dev', 'flatnet-br0', 'mode', 'tap']);

    const { exitCode, stdout } = await quickstart();

    expect(exitCode).toBe(1);
    expect(stdout).toContain('"flatnet-br0" exists but is not a bridge');
    expect(stdout).toContain('Cannot finish "Starting three containers". The message names cause and remedy');
    expect(await containers()).toEqual([]);
    expect(await veths()).toBe('');
  });

  it('leaves a network configuration of the user as it is, and says so', async () => {
    await useWhatIsBuilt();
    const example = await readFile(join(ROOT, 'examples/flatnet.conflist'), 'utf8');
    const own = example.replaceAll('10.87.1.', '10.87.9.');
    await mkdir(host.file('/etc/cni/net.d'));
    await writeFile(host.file(NETWORK), own);

    const { exitCode, stdout } = await quickstart();

    expect(exitCode, stdout).toBe(0);
    expect(stdout).toContain(`kept       ${NETWORK}\n               it differs from what would be written`);
    expect(stdout).toContain('flatnet-quickstart-1  10.87.9.2');
    expect(await readFile(host.file(NETWORK), 'utf8')).toBe(own);
  });

  it('says that it needs root, and does not begin without', async () => {
    await useWhatIsBuilt();
    await host.run(['chmod', '-R', 'a+rX', clone]);
    const words = ['setpriv', '--reuid=65534', join(clone, 'scripts/quickstart.sh')];
    const refused = await host.exec(words);

    expect(refused).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('run "sudo ') });
  });

  it('refuses a word that it does not know', async () => {
    expect(await quickstart('--kepe')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('Usage: sudo'),
    });
  });
});
