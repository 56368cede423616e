import type { HostRoute } from '../sys/routes.ts';
import { formatAddress, networkOf, parseAddress } from '../input/address.ts';
import { configError } from './errors.ts';
import { describeSubnet, spansOverlap } from './range.ts';
import { sameAttachment, type State } from './state.ts';
import type { Allocation, AllocateRequest, Range, Span } from './types.ts';
import { isDead, type View } from './view.ts';

/**
 * Refuses a network whose addresses the host sends elsewhere: to a route that is not the network's own, or to another
 * network. Asked before the network's first address only: a VPN that comes up later does not stop a network that runs.
 */
export function refuseOverlap(state: State, request: AllocateRequest, view: View): void {
  const { pool, attachment } = request;
  if (pool.allowOverlap || isInUse(state, attachment)) {
    return;
  }
  const routes = request.hostRoutes?.() ?? [];
  for (const range of pool.sets.flat()) {
    const clash = routeClash(range, routes) ?? networkClash(range, state, { request, view });
    if (clash !== undefined) {
      const hint = `it overlaps ${clash}; choose another subnet, or set "allowOverlap": true in ipam`;
      throw configError('ipam.ranges', describeSubnet(range), hint);
    }
  }
}

function isInUse(state: State, attachment: AllocateRequest['attachment']): boolean {
  for (const entry of state.allocations.values()) {
    if (entry.network === attachment.network && !sameAttachment(entry, attachment)) {
      return true;
    }
  }
  return false;
}

function routeClash(range: Range, routes: readonly HostRoute[]): string | undefined {
  const route = routes.find((one) => one.family === range.family && spansOverlap(one, range.subnet));
  return route && `${describeNetwork(route)}, which the host routes through "${route.link}"`;
}

interface Asking {
  readonly request: AllocateRequest;
  readonly view: View;
}

function networkClash(range: Range, state: State, { request, view }: Asking): string | undefined {
  for (const entry of state.allocations.values()) {
    const subnet = entry.network === request.pool.network ? undefined : subnetOf(entry, range);
    if (subnet !== undefined && spansOverlap(subnet, range.subnet) && !isDead(entry, view)) {
      return `${describeNetwork({ ...subnet, family: range.family, prefix: entry.prefix })} of network "${entry.network}"`;
    }
  }
  return undefined;
}

/** The subnet an address was taken from, when it is of the range's family. */
function subnetOf(entry: Allocation, range: Range): Span | undefined {
  const address = parseAddress(entry.address);
  return address?.family === range.family ? networkOf({ ...address, prefix: entry.prefix }) : undefined;
}

function describeNetwork({ family, first, prefix }: Span & { family: 4 | 6; prefix: number }): string {
  return `${formatAddress({ family, value: first })}/${prefix}`;
}
