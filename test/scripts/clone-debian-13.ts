import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { ensureRoot, enterRoot } from '../podman5/root.ts';
import { type Clone, copyProject, placeClone, ROOT } from './clone.ts';

/** Node, as a bare Debian has it not. */
const NODE = '/run/held/node';

/**
 * The host has no network to install from: its apt-get puts Node in place, and an npm that need not fetch nor build, where
 * it is asked for them.
 */
const APT_GET = `#!/bin/sh
case "$*" in *--no-download*nodejs*npm*) ;; *) exit 0 ;; esac
ln -s ${NODE} /usr/bin/node
printf '#!/bin/sh\\n[ "$*" = ci ] || [ "$*" = "run build" ] || [ "$*" = "run build:daemon" ]\\n' >/usr/bin/npm
chmod 755 /usr/bin/npm
`;

async function furnish(host: Host, directory: string): Promise<void> {
  const modules = join(ROOT, 'node_modules');
  await enterRoot(host, await ensureRoot(), [
    { file: directory, place: directory },
    { file: modules, place: modules },
    { file: join(modules, '.bin/node'), place: NODE },
  ]);
  await mkdir(host.file('/run/bin'));
  await writeFile(host.file('/run/bin/apt-get'), APT_GET, { mode: 0o755 });
  // Podman's storage driver cannot lie on the overlay that the root is.
  await host.run(['mkdir', '-p', '/var/lib/containers']);
  for (const path of ['/var/lib/containers', '/var/tmp'])
    await host.run(['mount', '-t', 'tmpfs', 'tmpfs', path]);
}

/** Makes a clone, built already, in a Debian 13 that has its Podman 5 and neither Node nor npm. */
export async function createCloneOnDebian13(): Promise<Clone> {
  await ensureExecutable();
  const directory = await mkdtemp(join(tmpdir(), 'flatnet-clone-'));
  const host = await createHost({ cgroups: true, tmpfs: ['/dev/shm'] });
  try {
    await copyProject(directory);
    await cp(EXECUTABLE, join(directory, 'dist/flatnet'));
    await furnish(host, directory);
    return placeClone(host, directory, '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
  } catch (cause) {
    await host.dispose();
    await rm(directory, { recursive: true });
    throw cause;
  }
}
