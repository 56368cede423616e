import { execa } from 'execa';

/** Debian packages that the peers, and what they are measured with, come from. */
const PACKAGES = [
  'containernetworking-plugins',
  'netavark',
  'podman',
  'iptables',
  'runc',
  'busybox-static',
  'debootstrap',
];

async function installed(name: string): Promise<string | undefined> {
  const { stdout, failed } = await execa(
    'dpkg-query',
    ['--show', '--showformat', '${db:Status-Status} ${Version}', name],
    { reject: false },
  );
  const [status, version] = stdout.split(' ');
  return !failed && status === 'installed' ? version : undefined;
}

async function versions(): Promise<Readonly<Record<string, string | undefined>>> {
  return Object.fromEntries(
    await Promise.all(PACKAGES.map(async (name) => [name, await installed(name)] as const)),
  );
}

/**
 * Sees to it that the peers are installed, from Debian's or Ubuntu's archive, and returns their versions.
 *
 * @throws Error when apt-get fails.
 */
export async function findPeers(): Promise<Readonly<Record<string, string>>> {
  const before = await versions();
  const missing = PACKAGES.filter((name) => before[name] === undefined);
  if (missing.length > 0) {
    const apt = { env: { DEBIAN_FRONTEND: 'noninteractive' }, stdio: 'inherit' } as const;
    await execa('apt-get', ['-qq', 'update'], apt);
    await execa('apt-get', ['-qq', '-y', '--no-install-recommends', 'install', ...missing], apt);
  }
  const after = await versions();
  return Object.fromEntries(PACKAGES.map((name) => [name, after[name] ?? 'not installed']));
}
