import { readText } from '../../sys/files/text-file.ts';

/** What a distribution calls itself and those it is like, in os-release(5). */
export function distributionIn(osRelease: string): readonly string[] {
  const words = [...osRelease.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].map((match) => match[1] ?? '');
  return words.flatMap((text) => text.split(' ')).filter((word) => word !== '');
}

export function readDistribution(): readonly string[] {
  return distributionIn(readText('/etc/os-release') ?? '');
}

/** Profiles under which AppArmor holds dnsmasq down: an older one is named by the path. */
const DNSMASQ = /^(\/usr\/sbin\/)?dnsmasq \(enforce\)$/m;

/** Whether AppArmor keeps dnsmasq from files that its profile does not name. */
export function isDnsmasqConfined(): boolean {
  return DNSMASQ.test(readText('/sys/kernel/security/apparmor/profiles') ?? '');
}
