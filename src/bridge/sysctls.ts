import { ensureSysctl, readSysctl } from '../sys/sysctl.ts';
import { linkNames } from '../sys/proc.ts';

/**
 * A host that forwards IPv6 stops listening to router advertisements and loses its own default route when the last
 * one runs out, unless a link is told to go on listening (`accept_ra` 2).
 */
function keepRouterAdvertisements(): void {
  for (const link of linkNames()) {
    const key = `net/ipv6/conf/${link}/accept_ra`;
    if (readSysctl(key) === '1') ensureSysctl(key, '2');
  }
}

/** Makes the host a router for the families given. Shared by all networks, so never undone. */
export function enableForwarding(families: readonly (4 | 6)[]): void {
  if (families.includes(4)) ensureSysctl('net/ipv4/ip_forward', '1');
  if (!families.includes(6) || readSysctl('net/ipv6/conf/all/forwarding') === '1') return;
  keepRouterAdvertisements();
  ensureSysctl('net/ipv6/conf/all/forwarding', '1');
}

/** A host without IPv6 has no such keys, and needs none. */
function ensureKnown(key: string, value: string): void {
  const now = readSysctl(key);
  if (now !== undefined && now !== value) ensureSysctl(key, value);
}

/** Switches IPv6 on for a bridge that gets an IPv6 address, where the host has it off for new links. */
export function enableIPv6(bridge: string): void {
  ensureKnown(`net/ipv6/conf/${bridge}/disable_ipv6`, '0');
}

/** Whether the kernel has IPv6 at all; `ipv6.disable=1` at boot takes it away for good. */
export function hasIPv6(): boolean {
  return readSysctl('net/ipv6/conf/all/forwarding') !== undefined;
}

/**
 * Until the kernel knows that nobody else has the bridge's link-local address, a second or two, it asks for no
 * neighbour on behalf of others: what comes from outside would not find the first container. The address follows from a
 * MAC of flatnet's own. The bridge of somebody else is left as it is.
 */
function skipDetection(bridge: string): void {
  ensureKnown(`net/ipv6/conf/${bridge}/accept_dad`, '0');
}

/**
 * A bridge takes no routes from what containers advertise; and where the host insists on symmetric paths it accepts
 * what comes back from a container with several networks by another bridge than it went out (rp_filter 2; of `all` and
 * the link's own the greater counts).
 */
export function settleBridge(bridge: string, isNew: boolean): void {
  if (isNew) skipDetection(bridge);
  ensureKnown(`net/ipv6/conf/${bridge}/accept_ra`, '0');
  const keys = ['all', bridge].map((link) => readSysctl(`net/ipv4/conf/${link}/rp_filter`));
  if (keys.includes('1') && !keys.includes('2')) ensureSysctl(`net/ipv4/conf/${bridge}/rp_filter`, '2');
}
