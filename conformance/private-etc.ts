import type { Place } from './host.ts';

/**
 * Gives a host a private /etc, as a script for `sh`: the machine's content stays visible, except what plugins, runtimes
 * and the doctor read; writes stay in the host. An overlay costs next to nothing; a copy replaces it if the kernel
 * cannot stack another one. The scratch file system is unmounted again: the mount on /etc keeps it.
 */
const COVER = `
set -e
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/upper /run/work
if ! mount -t overlay -o lowerdir=/etc,upperdir=/run/upper,workdir=/run/work overlay /etc 2>/dev/null; then
  cp -a /etc/. /run/upper
  mount --bind /run/upper /etc
fi
umount --lazy /run
cd /etc
rm -rf cni containers iptables logrotate.d/flatnet sysctl.conf sysctl.d systemd/system/*flatnet* \\
  systemd/system/*/*flatnet* wsl.conf
mkdir -p cni containers logrotate.d sysctl.d systemd/system
echo '{"default":[{"type":"insecureAcceptAnything"}]}' >containers/policy.json
rm -f resolv.conf
echo 'nameserver 192.0.2.53' >resolv.conf
# Where a syslog daemon listens, calls of a plugin would be in the machine's log.
[ ! -S /dev/log ] || mount --bind /dev/null /dev/log
`;

/** Hides the machine's own configuration; call it before anything else is mounted on /run. */
export async function coverConfiguration(host: Pick<Place, 'run'>): Promise<void> {
  await host.run(['sh', '-c', COVER]);
}
