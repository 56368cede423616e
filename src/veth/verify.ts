import { formatAddress, parseCidr, familyOf } from '../input/address.ts';
import { TABLE_MAIN } from '../sys/netlink/address-requests.ts';
import type { LinkSettings } from '../sys/netlink/link-settings.ts';
import { formatAddressInfo, type LinkInfo } from '../sys/process/ip.ts';
import type { ExpectedRoute } from './plan.ts';
import type { KernelRoute } from '../sys/link-info.ts';

/** The expectations of CHECK, from prevResult and the configuration. */
export interface ExpectedAttachment {
  readonly ifname: string;
  readonly mac: string | undefined;
  /** `undefined`: any. */
  readonly mtu?: number | undefined;
  readonly link?: LinkSettings | undefined;
  /** Whether the end in the sandbox is for somebody else to bring up. */
  readonly mayBeDown?: boolean | undefined;
  readonly hostIfname: string;
  readonly hostMac: string | undefined;
  /** Of the host end. */
  readonly furtherName?: string | undefined;
  readonly bridge: string;
  /** CIDRs. */
  readonly addresses: readonly string[];
  readonly routes: readonly ExpectedRoute[];
}

export interface SeenAttachment {
  readonly inside: LinkInfo | undefined;
  readonly host: LinkInfo | undefined;
  /** Routes of the sandbox, both families, all tables. */
  readonly routes: readonly KernelRoute[];
}

function verifyHost(expected: ExpectedAttachment, host: LinkInfo | undefined): string[] {
  const name = `Host link "${expected.hostIfname}"`;
  if (host === undefined) return [`${name} is gone`];
  const found: string[] = [];
  if (!host.flags.includes('UP')) found.push(`${name} is down`);
  if (host.master !== expected.bridge) {
    found.push(
      `${name} is in ${host.master === undefined ? 'no bridge' : `"${host.master}"`}, not in "${expected.bridge}"`,
    );
  }
  const { furtherName } = expected;
  if (furtherName !== undefined && host.altnames?.includes(furtherName) !== true) {
    found.push(`${name} no longer has the name "${furtherName}" besides`);
  }
  if (expected.hostMac !== undefined && host.address !== expected.hostMac.toLowerCase()) {
    found.push(`${name} has MAC ${host.address ?? 'none'}, not ${expected.hostMac}`);
  }
  return found;
}

function verifyPeers(expected: ExpectedAttachment, seen: SeenAttachment): string[] {
  const { inside, host } = seen;
  if (inside === undefined || host === undefined) return [];
  if (inside.linkinfo?.info_kind === 'veth' && inside.link_index === host.ifindex) return [];
  return [`Interface "${expected.ifname}" is not the other end of "${expected.hostIfname}"`];
}

function canonical(cidrText: string): string {
  const cidr = parseCidr(cidrText);
  return cidr === undefined ? cidrText : `${formatAddress(cidr)}/${cidr.prefix}`;
}

function verifySettings({ mtu, link = {} }: ExpectedAttachment, inside: LinkInfo): string[] {
  const { promisc, allmulti, txQLen } = link;
  const isWrong = (value: boolean | undefined, flag: string) =>
    value !== undefined && value !== inside.flags.includes(flag);
  const state = (value: boolean | undefined) => (value === true ? 'no longer' : 'now');
  return [
    ...(mtu === undefined || mtu === inside.mtu ? [] : [`has MTU ${inside.mtu}, not ${mtu}`]),
    ...(isWrong(promisc, 'PROMISC') ? [`is ${state(promisc)} promiscuous`] : []),
    ...(isWrong(allmulti, 'ALLMULTI') ? [`${state(allmulti)} receives every multicast frame`] : []),
    ...(txQLen === undefined || txQLen === inside.txqlen
      ? []
      : [`has a queue of ${inside.txqlen ?? 'unknown'} packets, not ${txQLen}`]),
  ];
}

function verifyInside(expected: ExpectedAttachment, inside: LinkInfo | undefined): string[] {
  const name = `Interface "${expected.ifname}" in the sandbox`;
  if (inside === undefined) return [`${name} is gone`];
  const found: string[] = [];
  if (expected.mayBeDown !== true && !inside.flags.includes('UP')) found.push(`${name} is down`);
  if (expected.mac !== undefined && inside.address !== expected.mac.toLowerCase()) {
    found.push(`${name} has MAC ${inside.address ?? 'none'}, not ${expected.mac}`);
  }
  found.push(...verifySettings(expected, inside).map((difference) => `${name} ${difference}`));
  const present = (inside.addr_info ?? []).map(formatAddressInfo);
  for (const address of expected.addresses) {
    if (!present.includes(canonical(address))) found.push(`${name} has lost its address ${address}`);
  }
  return found;
}

/** Compares the link, too: another network of the container may have an equal route. */
function leads(route: ExpectedRoute, seen: KernelRoute, link: number): boolean {
  return (
    seen.dst === route.dst &&
    (route.gw === undefined || seen.gw === route.gw) &&
    (route.isInAnyTable === true || seen.table === (route.table ?? TABLE_MAIN)) &&
    (route.isThroughAnyLink === true || seen.link === link)
  );
}

/** The kernel's cap for larger values (ip_metrics_convert). */
const LARGEST_ROUTE_MTU = 65_520;
const LARGEST_ADVMSS = 65_495;

/**
 * Whether the requested fields match. For IPv6 the metric may be higher, if the requested one was taken, and there is
 * no scope.
 */
function hasFields({ dst, priority, scope, mtu, advmss }: ExpectedRoute, seen: KernelRoute): boolean {
  const isIPv4 = familyOf(dst) === 4;
  const hasPriority = isIPv4 ? seen.metric === priority : seen.metric >= (priority ?? 0);
  return (
    (priority === undefined || hasPriority) &&
    (scope === undefined || !isIPv4 || seen.scope === scope) &&
    (mtu === undefined || seen.mtu === Math.min(mtu, LARGEST_ROUTE_MTU)) &&
    (advmss === undefined || seen.advmss === Math.min(advmss, LARGEST_ADVMSS))
  );
}

function describe({ dst, gw, table }: ExpectedRoute): string {
  const [via, where] = [
    gw === undefined ? '' : ` via ${gw}`,
    table === undefined ? '' : ` in table ${table}`,
  ];
  return `Route to ${dst}${via}${where}`;
}

function verifyRoutes(
  expected: ExpectedAttachment,
  inside: LinkInfo,
  routes: readonly KernelRoute[],
): string[] {
  return expected.routes.flatMap((route) => {
    const there = routes.filter((seen) => leads(route, seen, inside.ifindex));
    if (there.length === 0) return [`${describe(route)} is gone from the sandbox`];
    if (there.some((seen) => hasFields(route, seen))) return [];
    return [`${describe(route)} has another priority, scope, mtu or advmss than it was created with`];
  });
}

/** Every difference between the reported attachment and the kernel's, one sentence each. */
export function verifyAttachment(expected: ExpectedAttachment, seen: SeenAttachment): readonly string[] {
  return [
    ...verifyInside(expected, seen.inside),
    ...verifyHost(expected, seen.host),
    ...verifyPeers(expected, seen),
    ...(seen.inside === undefined ? [] : verifyRoutes(expected, seen.inside, seen.routes)),
  ];
}
