import type { HostRoute } from '../sys/routes.ts';
import { formatAddress, networkOf, parseAddress, type Family } from '../input/address.ts';
import { configError } from './errors.ts';
import { describeSubnet, spansOverlap } from './range.ts';
import { sameAttachment, select, type State } from './state.ts';
import type { Allocation, AllocateRequest, Range, Span } from './types.ts';
import { isDead, type View } from './view.ts';

/**
 * Refuses a network whose subnets overlap another network or a host route that is not its own. Checked only before its
 * first address, so that a VPN that comes up later does not stop a running network.
 */
export function refuseOverlap(state: State, request: AllocateRequest, view: View): void {
  const { pool, attachment } = request;
  if (pool.allowOverlap || isInUse(state, attachment)) {
    return;
  }
  const routes = request.hostRoutes?.() ?? [];
  for (const range of pool.sets.flat()) {
    const clash = routeClash(range, routes) ?? networkClash(range, othersOf(state, pool.network), view);
    if (clash !== undefined) {
      const hint = `it overlaps ${clash}; choose another subnet, or set "allowOverlap": true in ipam`;
      throw configError('ipam.ranges', describeSubnet(range), hint);
    }
  }
}

function isInUse(state: State, attachment: AllocateRequest['attachment']): boolean {
  const { network } = attachment;
  return select(state, (entry) => entry.network === network && !sameAttachment(entry, attachment)).length > 0;
}

function routeClash(range: Range, routes: readonly HostRoute[]): string | undefined {
  const route = routes.find((one) => one.family === range.family && spansOverlap(one, range.subnet));
  return route && `${describeNetwork(route)}, which the host routes through "${route.link}"`;
}

function othersOf(state: State, network: string): readonly Allocation[] {
  return select(state, (entry) => entry.network !== network);
}

function networkClash(range: Range, others: readonly Allocation[], view: View): string | undefined {
  for (const entry of others) {
    const subnet = subnetOf(entry, range);
    if (subnet !== undefined && spansOverlap(subnet, range.subnet) && !isDead(entry, view)) {
      return `${describeNetwork({ ...subnet, family: range.family, prefix: entry.prefix })} of network "${entry.network}"`;
    }
  }
  return undefined;
}

/** The subnet that an address was allocated from, if it is of the range's family. */
function subnetOf(entry: Allocation, range: Range): Span | undefined {
  const address = parseAddress(entry.address);
  return address?.family === range.family ? networkOf({ ...address, prefix: entry.prefix }) : undefined;
}

function describeNetwork({ family, first, prefix }: Span & { family: Family; prefix: number }): string {
  return `${formatAddress({ family, value: first })}/${prefix}`;
}
