import { parseAddress } from '../../input/address.ts';
import { spanContains } from '../../ipam/range.ts';
import type { Allocation } from '../../ipam/types.ts';
import { formatAddressInfo, type LinkInfo, type RouteInfo } from '../../sys/process/ip.ts';
import { parseAlias } from '../../veth/alias.ts';
import { isHostIfname } from '../../veth/name.ts';
import type { Facts, NetworkFacts } from '../facts/facts.ts';
import type { StateFacts } from '../facts/state.ts';
import { blockOf } from './route-block.ts';

export interface Surroundings extends Pick<Facts, 'links' | 'routes' | 'occupied'> {
  readonly states: readonly Pick<StateFacts, 'allocations'>[];
  readonly networks: readonly Pick<NetworkFacts, 'gateways' | 'running'>[];
}

/** A deleted route of the kernel or of a routing daemon would come back. */
function isMadeByHand({ protocol }: RouteInfo): boolean {
  return protocol === undefined || protocol === 'boot' || protocol === 'static';
}

/** Whether a remedy may delete the route: set by hand, not a default route, and leading to no other route's gateway. */
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

/** True for an uplink, and for any other link with a route that the kernel did not add. */
function carriesRoutes({ routes }: Surroundings, { ifname }: LinkInfo): boolean {
  return routes.some(({ dev, protocol }) => dev === ifname && protocol !== 'kernel');
}

/** Whether any process is in the container's network namespace; `undefined` if unknown. */
export function isOccupied(
  { occupied }: Pick<Facts, 'occupied'>,
  { netns }: Allocation,
): boolean | undefined {
  return netns === undefined ? undefined : occupied?.has(netns.id);
}

function isDeserted(facts: Surroundings, { ifname }: LinkInfo): boolean {
  const all = facts.states.flatMap(({ allocations }) => allocations);
  const holders = all.filter(({ hostIfname }) => hostIfname === ifname);
  return holders.length > 0 && holders.every((one) => isOccupied(facts, one) === false);
}

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

/** Whether a remedy may delete the link: a host end with no process behind it, or a bridge used by flatnet alone. */
export function mayDeleteLink(facts: Surroundings, ifname: string): boolean {
  const link = facts.links.find((one) => one.ifname === ifname);
  if (link === undefined || carriesRoutes(facts, link)) return false;
  if (isHostEnd(link)) return isDeserted(facts, link);
  return link.linkinfo?.info_kind === 'bridge' && isPlainBridge(facts, link);
}

/** Whether a remedy may delete a bridge's address: not if the host or a foreign port uses the bridge. */
export function mayDeleteAddress(facts: Surroundings, bridge: string): boolean {
  const link = facts.links.find(({ ifname }) => ifname === bridge);
  if (link === undefined || carriesRoutes(facts, link)) return false;
  return facts.links.filter(({ master }) => master === bridge).every(isHostEnd);
}
