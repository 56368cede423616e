import { formatAddress, parseCidr } from '../ipam/address.ts';
import { formatAddressInfo, type LinkInfo, type RouteInfo } from '../sys/ip.ts';
import { familyOf, isDefaultRoute, type RouteSpec } from './plan.ts';

/** What CHECK expects of an attachment, taken from prevResult and the configuration. */
export interface ExpectedAttachment {
  readonly ifname: string;
  readonly mac: string | undefined;
  readonly hostIfname: string;
  readonly hostMac: string | undefined;
  readonly bridge: string;
  /** CIDR texts. */
  readonly addresses: readonly string[];
  readonly routes: readonly RouteSpec[];
}

/** What the kernel has of it. */
export interface SeenAttachment {
  readonly inside: LinkInfo | undefined;
  readonly host: LinkInfo | undefined;
  /** Routes of the sandbox, both families. */
  readonly routes: readonly RouteInfo[];
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

function verifyInside(expected: ExpectedAttachment, inside: LinkInfo | undefined): string[] {
  const name = `Interface "${expected.ifname}" in the sandbox`;
  if (inside === undefined) return [`${name} is gone`];
  const found: string[] = [];
  if (!inside.flags.includes('UP')) found.push(`${name} is down`);
  if (expected.mac !== undefined && inside.address !== expected.mac.toLowerCase()) {
    found.push(`${name} has MAC ${inside.address ?? 'none'}, not ${expected.mac}`);
  }
  const present = (inside.addr_info ?? []).map(formatAddressInfo);
  for (const address of expected.addresses) {
    if (!present.includes(canonical(address))) found.push(`${name} has lost its address ${address}`);
  }
  return found;
}

function matches(route: RouteSpec, seen: RouteInfo): boolean {
  const isDefault = isDefaultRoute(route.dst);
  const seenFamily = seen.gateway === undefined ? undefined : familyOf(seen.gateway);
  const sameTarget = isDefault
    ? seen.dst === 'default' && (seenFamily === undefined || seenFamily === familyOf(route.dst))
    : seen.dst === route.dst || `${seen.dst}/${familyOf(route.dst) === 4 ? 32 : 128}` === route.dst;
  return sameTarget && (route.gw === undefined || seen.gateway === route.gw);
}

function verifyRoutes(expected: ExpectedAttachment, routes: readonly RouteInfo[]): string[] {
  return expected.routes
    .filter((route) => route.table === undefined && !routes.some((seen) => matches(route, seen)))
    .map(({ dst, gw }) => `Route to ${dst}${gw === undefined ? '' : ` via ${gw}`} is gone from the sandbox`);
}

/** Every difference between an attachment as it was reported and as the kernel has it, one sentence each. */
export function verifyAttachment(expected: ExpectedAttachment, seen: SeenAttachment): readonly string[] {
  return [
    ...verifyInside(expected, seen.inside),
    ...verifyHost(expected, seen.host),
    ...verifyPeers(expected, seen),
    ...(seen.inside === undefined ? [] : verifyRoutes(expected, seen.routes)),
  ];
}
