import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExecResult, PLAIN_ENVIRONMENT, run } from '../../conformance/exec.ts';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';

export const ROOT = join(import.meta.dirname, '../..');

/** A copy of the project, and a host to run its scripts in, whose /opt, /usr/local/bin and /etc are private. */
export interface Clone extends AsyncDisposable {
  readonly host: Host;
  readonly directory: string;
  /** The environment the scripts are run with. */
  readonly env: Readonly<Record<string, string>>;
  script(name: string, ...args: readonly string[]): Promise<ExecResult>;
  /** Names of the containers that run. */
  containers(): Promise<string[]>;
  veths(): Promise<string>;
  dispose(): Promise<void>;
}

/** How to see what the script runs where this machine's own Podman does not serve. */
const PRIVATE = {
  ...PLAIN_ENVIRONMENT,
  CONTAINERS_CONF: '/run/flatnet-quickstart/containers.conf',
  CONTAINERS_STORAGE_CONF: '/run/flatnet-quickstart/storage.conf',
};

/** Lets the host have a copy of a directory, so that the machine's own stays as it is. */
async function makePrivate(host: Host, directory: string): Promise<void> {
  const copy = `/run/private${directory}`;
  await host.run(['mkdir', '-p', copy]);
  await host.run(['cp', '-a', `${directory}/.`, copy]);
  await host.run(['mount', '--bind', copy, directory]);
}

/** Copies what git knows of the project, as a clone has it, and shares its node_modules. */
export async function copyProject(directory: string): Promise<void> {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = await run(['git', '-C', ROOT, ...list]);
  for (const file of files.split('\0').filter((name) => name !== '')) {
    await cp(join(ROOT, file), join(directory, file));
  }
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
}

/** The host has no network for "npm ci", and need not build again what is built: the words are those of the stand-in. */
async function replaceNpm(host: Host, words: readonly string[]): Promise<void> {
  await mkdir(host.file('/run/bin'));
  const npm = (await run(['which', 'npm'], { env: { PATH: process.env['PATH'] ?? '' } })).trim();
  const cases = words.map((word) => `[ "$*" != "${word}" ] || exit 0\n`).join('');
  await writeFile(host.file('/run/bin/npm'), `#!/bin/sh\n${cases}exec ${npm} "$@"\n`, { mode: 0o755 });
}

/** Makes a clone; one that is `built` need not build again, and has the executable of this project. */
export async function createClone(built: boolean): Promise<Clone> {
  await ensureExecutable();
  const directory = await mkdtemp(join(tmpdir(), 'flatnet-clone-'));
  await copyProject(directory);
  const host = await createHost({ cgroups: true, tmpfs: ['/opt', '/dev/shm', '/var/tmp'] });
  // Node and npm may lie there.
  await makePrivate(host, '/usr/local/bin');
  await mkdir(host.file('/var/lib/dpkg'));
  await cp('/var/lib/dpkg/status', host.file('/var/lib/dpkg/status'));
  await replaceNpm(host, built ? ['ci', 'run build', 'run build:daemon'] : ['ci']);
  if (built) await cp(EXECUTABLE, join(directory, 'dist/flatnet'));
  return placeClone(host, directory);
}

/** A copy of the project in a host that is furnished already; stand-ins are in its /run/bin. */
export function placeClone(host: Host, directory: string, path = process.env['PATH'] ?? ''): Clone {
  const env = { ...PLAIN_ENVIRONMENT, PATH: `/run/bin:${path}`, HOME: '/root' };
  const dispose = async (): Promise<void> => {
    await host.exec(['podman', 'rm', '--all', '--force', '--time=0'], { env: PRIVATE });
    await host.dispose();
    await rm(directory, { recursive: true });
  };
  return {
    host,
    directory,
    env,
    script: (name, ...args) =>
      host.exec([join(directory, 'scripts', name), ...args], { env, timeoutMs: 400_000 }),
    async containers() {
      const { stdout } = await host.exec(['podman', 'ps', '--format={{.Names}}'], { env: PRIVATE });
      return stdout.split('\n').filter((name) => name !== '');
    },
    veths: () => host.run(['ip', '-brief', 'link', 'show', 'type', 'veth']),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
