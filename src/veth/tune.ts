import type { Context } from '../sys/context.ts';
import { ipBatch } from '../sys/process/ip.ts';
import type { Netns } from '../sys/netns.ts';
import { ensureSysctlIn, readSysctl, readSysctlIn } from '../sys/sysctl.ts';
import { awaitForwarding } from './port.ts';

/** Sets sysctls, in file form, in the sandbox. */
export function setSandboxSysctls(
  sysctls: Readonly<Record<string, string>>,
  netns: Netns,
  ctx: Context,
): void {
  for (const [key, value] of Object.entries(sysctls)) ensureSysctlIn(netns.fd, { key, value }, ctx);
}

/**
 * Switches IPv6 on where the sandbox has it off by sysctl, for the interface and for `lo`, as the reference plugins do
 * before they give an IPv6 address. A kernel without IPv6 has no such keys.
 */
export function enableIPv6(ifname: string, netns: Netns, ctx: Context): void {
  for (const name of ['lo', ifname]) {
    const key = `net/ipv6/conf/${name}/disable_ipv6`;
    if (readSysctlIn(netns.fd, key, ctx) === '1') ensureSysctlIn(netns.fd, { key, value: '0' }, ctx);
  }
}

/**
 * With spanning tree a bridge forwards only after half a minute; by then the neighbours have learned the MAC anyway.
 */
const PORT_TIMEOUT_MS = 1_000;

/** Sysctls that make the kernel announce a MAC when it is set. */
const NOTIFIERS = [
  ['ipv4', 'arp_notify'],
  ['ipv6', 'ndisc_notify'],
] as const;

export interface Announced {
  readonly ifname: string;
  readonly mac: string;
  readonly hostIfname: string;
}

/**
 * Announces an interface's MAC by gratuitous ARP and unsolicited neighbour advertisement. The kernel sends them when
 * the MAC is set, even to its current value. Those it sends as the interface comes up are lost, because the bridge does
 * not forward before it has seen the carrier.
 */
export async function announceMac(
  { ifname, mac, hostIfname }: Announced,
  netns: Netns,
  ctx: Context,
): Promise<void> {
  const known = NOTIFIERS.filter(
    ([family, name]) => readSysctl(`net/${family}/conf/all/${name}`) !== undefined,
  );
  const sysctls = known.map(([family, name]) => [`net/${family}/conf/${ifname}/${name}`, '1'] as const);
  setSandboxSysctls(Object.fromEntries(sysctls), netns, ctx);
  await awaitForwarding(hostIfname, PORT_TIMEOUT_MS, ctx);
  await ipBatch([`link set dev ${ifname} address ${mac}`], ctx, netns.fd);
}
