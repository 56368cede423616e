import { parseAddress } from '../../input/address.ts';
import { spanContains } from '../../ipam/range.ts';
import type { Allocation } from '../../ipam/types.ts';
import { formatAddressInfo, type LinkInfo, type RouteInfo } from '../../sys/process/ip.ts';
import { parseAlias } from '../../veth/alias.ts';
import { isHostIfname } from '../../veth/name.ts';
import type { Facts, NetworkFacts } from '../facts/facts.ts';
import type { StateFacts } from '../facts/state.ts';
import { blockOf } from './route-block.ts';

/** What has to be known of a host to tell what may be deleted of it. */
export interface Surroundings extends Pick<Facts, 'links' | 'routes' | 'occupied'> {
  readonly states: readonly Pick<StateFacts, 'allocations'>[];
  readonly networks: readonly Pick<NetworkFacts, 'gateways' | 'running'>[];
}

/** The kernel makes a route with an address, and whoever made it for a daemon makes it again. */
function isMadeByHand({ protocol }: RouteInfo): boolean {
  return protocol === undefined || protocol === 'boot' || protocol === 'static';
}

/**
 * Whether a remedy may propose to delete a route: one that somebody has set by hand, which is no default route, and by
 * which no other route finds its gateway.
 */
export function mayDeleteRoute({ routes }: Pick<Facts, 'routes'>, route: RouteInfo): boolean {
  const block = blockOf(route.dst);
  if (block === undefined || !isMadeByHand(route)) return false;
  return !routes.some(({ gateway }) => {
    const address = parseAddress(gateway ?? '');
    return (
      address?.family === block.family && gateway !== route.gateway && spanContains(block, address.value)
    );
  });
}

function isHostEnd({ ifname, ifalias }: LinkInfo): boolean {
  return isHostIfname(ifname) && parseAlias(ifalias ?? '') !== undefined;
}

/** An uplink, or the way to another one: somebody's routes go out by it. */
function carriesRoutes({ routes }: Surroundings, { ifname }: LinkInfo): boolean {
  return routes.some(({ dev, protocol }) => dev === ifname && protocol !== 'kernel');
}

/** Whether a process is in a container's network namespace; `undefined` where that cannot be told. */
export function isOccupied(
  { occupied }: Pick<Facts, 'occupied'>,
  { netns }: Allocation,
): boolean | undefined {
  return netns === undefined ? undefined : occupied?.has(netns.id);
}

/** Whether nobody is behind a host end. */
function isDeserted(facts: Surroundings, { ifname }: LinkInfo): boolean {
  const all = facts.states.flatMap(({ allocations }) => allocations);
  const holders = all.filter(({ hostIfname }) => hostIfname === ifname);
  return holders.length > 0 && holders.every((one) => isOccupied(facts, one) === false);
}

/** Whether a bridge has nothing but what flatnet gave it: ports of containers, and gateway addresses. */
function isPlainBridge({ links, networks }: Surroundings, { ifname, addr_info = [] }: LinkInfo): boolean {
  const gateways = networks.flatMap(({ gateways: wanted, running }) => [
    ...wanted,
    ...running.flatMap((one) => one.gateways),
  ]);
  const foreign = addr_info.filter(
    (info) => info.scope === 'global' && !gateways.includes(formatAddressInfo(info)),
  );
  return foreign.length === 0 && links.filter(({ master }) => master === ifname).every(isHostEnd);
}

/**
 * Whether a remedy may propose to delete a link. Only what flatnet made: the host end of a pair behind which no process
 * is left, and a bridge in which there is nothing else, and by which no route of anybody else's leaves.
 */
export function mayDeleteLink(facts: Surroundings, ifname: string): boolean {
  const link = facts.links.find((one) => one.ifname === ifname);
  if (link === undefined || carriesRoutes(facts, link)) return false;
  if (isHostEnd(link)) return isDeserted(facts, link);
  return link.linkinfo?.info_kind === 'bridge' && isPlainBridge(facts, link);
}

/** Whether a remedy may propose to take an address from a bridge: not where the host itself uses it. */
export function mayDeleteAddress(facts: Surroundings, bridge: string): boolean {
  const link = facts.links.find(({ ifname }) => ifname === bridge);
  if (link === undefined || carriesRoutes(facts, link)) return false;
  return facts.links.filter(({ master }) => master === bridge).every(isHostEnd);
}
