import { execa } from 'execa';
import { dirname, join } from 'node:path';
import type { Host } from '../../conformance/host.ts';
import { ROOT } from '../../build/project.ts';

/**
 * Gives a throw-away host another root: the tree `$1`, with what is written kept in memory, and the file `$2` of the machine
 * as `$3` in it. A plain chroot would not do: what joins a container's namespaces lands in the root of the mount namespace.
 */
const ENTER = `
set -e
root=$1 file=$2 place=$3
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
mkdir -p "$new\${place%/*}"
: >"$new$place"
mount --bind "$file" "$new$place"
rm -f $new/etc/resolv.conf
echo 'nameserver 198.51.100.53' >$new/etc/resolv.conf
mkdir $new/run/old
pivot_root $new $new/run/old
umount -l /run/old
rmdir /run/old
`;

/** The tree of Debian 13, made where it is not there yet, which takes some minutes. */
export async function ensureTrixie(): Promise<string> {
  const { stdout } = await execa(join(ROOT, 'scripts/podman5-root.sh'));
  return stdout.trim().split('\n').at(-1) ?? '';
}

/** Makes a tree the root of a host, with an executable of this machine in it. */
export async function enterRoot(
  host: Host,
  tree: string,
  executable: { file: string; place: string },
): Promise<void> {
  await host.run(['sh', '-c', ENTER, 'enter', tree, executable.file, executable.place]);
}

/** Where a driver is found first of all, on every distribution. */
export const DRIVER_PLACE = join('/usr/local/libexec/netavark', 'flatnet');
export const DRIVER_DIRECTORY = dirname(DRIVER_PLACE);
