import { execa } from 'execa';
import { dirname, join } from 'node:path';
import type { Host } from '../../conformance/host.ts';
import { ROOT } from '../../build/project.ts';

/**
 * Gives a throw-away host another root: the tree `$1`, with what is written kept in memory. The words after it are pairs: a
 * file or directory of the machine, and its place in the tree. A plain chroot would not do: what joins a container's
 * namespaces lands in the root of the mount namespace.
 */
const ENTER = `
set -e
root=$1
shift
mkdir /run/root
mount -t tmpfs -o mode=755 tmpfs /run/root
mkdir /run/root/upper /run/root/work /run/root/new
new=/run/root/new
mount -t overlay -o lowerdir="$root",upperdir=/run/root/upper,workdir=/run/root/work overlay $new
mount --rbind /proc $new/proc
mount --rbind /sys $new/sys
mount --rbind /dev $new/dev
mount -t tmpfs -o mode=755 tmpfs $new/run
mkdir $new/run/netns
while [ $# -gt 0 ]; do
  mkdir -p "$new\${2%/*}"
  if [ -d "$1" ]; then mkdir "$new$2"; else : >"$new$2"; fi
  mount --bind "$1" "$new$2"
  shift 2
done
rm -f $new/etc/resolv.conf
echo 'nameserver 198.51.100.53' >$new/etc/resolv.conf
mkdir $new/run/old
pivot_root $new $new/run/old
umount -l /run/old
rmdir /run/old
`;

/** The suite of Debian whose Podman a test runs: `trixie`, or what its vitest project says (vitest.config.ts). */
export const SUITE = process.env['FLATNET_TEST_SUITE'] ?? 'trixie';

/** The tree of that Debian, made where it is not there yet, which takes some minutes. */
export async function ensureRoot(): Promise<string> {
  const { stdout } = await execa(join(ROOT, 'scripts/podman5-root.sh'), [SUITE]);
  return stdout.trim().split('\n').at(-1) ?? '';
}

/** A file or directory of this machine, and where it is in the host. */
export interface Shared {
  readonly file: string;
  readonly place: string;
}

/** Makes a tree the root of a host, with some files of this machine in it. */
export async function enterRoot(host: Host, tree: string, shared: readonly Shared[]): Promise<void> {
  const pairs = shared.flatMap(({ file, place }) => [file, place]);
  await host.run(['sh', '-c', ENTER, 'enter', tree, ...pairs]);
}

/** Where a driver is found first of all, on every distribution. */
export const DRIVER_PLACE = join('/usr/local/libexec/netavark', 'flatnet');
export const DRIVER_DIRECTORY = dirname(DRIVER_PLACE);
