import { ensureSysctl, readSysctl } from '../sys/sysctl.ts';
import { linkNames } from '../sys/proc.ts';

/**
 * A host that forwards IPv6 ignores router advertisements unless the link has `accept_ra` 2, and then loses its default
 * route when the last one expires.
 */
function keepRouterAdvertisements(): void {
  for (const link of linkNames()) {
    const key = `net/ipv6/conf/${link}/accept_ra`;
    if (readSysctl(key) === '1') ensureSysctl(key, '2');
  }
}

/** Enables forwarding for good: all networks share it. */
export function enableForwarding(families: readonly (4 | 6)[]): void {
  if (families.includes(4)) ensureSysctl('net/ipv4/ip_forward', '1');
  if (!families.includes(6) || readSysctl('net/ipv6/conf/all/forwarding') === '1') return;
  keepRouterAdvertisements();
  ensureSysctl('net/ipv6/conf/all/forwarding', '1');
}

/** Skips keys that do not exist, as on a host without IPv6. */
function ensureKnown(key: string, value: string): void {
  const now = readSysctl(key);
  if (now !== undefined && now !== value) ensureSysctl(key, value);
}

/** Enables IPv6 on a bridge, in case the host disables it for new links. */
export function enableIPv6(bridge: string): void {
  ensureKnown(`net/ipv6/conf/${bridge}/disable_ipv6`, '0');
}

/** False after booting with `ipv6.disable=1`. */
export function hasIPv6(): boolean {
  return readSysctl('net/ipv6/conf/all/forwarding') !== undefined;
}

/**
 * While the bridge's link-local address undergoes duplicate address detection, for a second or two, the kernel resolves
 * no neighbours for forwarded packets, so outside traffic would not reach the first container. The address derives from
 * flatnet's own MAC and has no duplicate.
 */
function skipDetection(bridge: string): void {
  ensureKnown(`net/ipv6/conf/${bridge}/accept_dad`, '0');
}

/**
 * The bridge ignores router advertisements of containers. With strict rp_filter on the host it gets loose mode, so that
 * a container on several networks may answer through another bridge (the greater of `all` and the link's value counts).
 */
export function setBridgeSysctls(bridge: string, isNew: boolean): void {
  if (isNew) skipDetection(bridge);
  ensureKnown(`net/ipv6/conf/${bridge}/accept_ra`, '0');
  const keys = ['all', bridge].map((link) => readSysctl(`net/ipv4/conf/${link}/rp_filter`));
  if (keys.includes('1') && !keys.includes('2')) ensureSysctl(`net/ipv4/conf/${bridge}/rp_filter`, '2');
}
