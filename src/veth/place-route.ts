import { familyOf } from '../input/address.ts';
import { TABLE_MAIN } from '../sys/netlink/address-requests.ts';
import type { RouteSpec } from './plan.ts';
import type { KernelRoute } from '../sys/link-info.ts';

/** The kernel's metric for an IPv6 route without one (IP6_RT_PRIO_USER). */
const DEFAULT_METRIC_V6 = 1024;

function isSame(route: RouteSpec, link: number, there: KernelRoute): boolean {
  return (
    there.link === link &&
    there.gw === route.gw &&
    there.mtu === route.mtu &&
    there.advmss === route.advmss &&
    (route.priority === undefined || there.metric === route.priority)
  );
}

/** IPv4 allows equal routes and uses the first, so the last one's metric is enough. */
function metricBehind(route: RouteSpec, taken: readonly number[]): number | undefined {
  const last = Math.max(0, ...taken);
  return route.priority ?? (last === 0 ? undefined : last);
}

/** IPv6 would merge equal routes into a multipath one, so each needs a distinct metric. */
function freeMetric(route: RouteSpec, taken: readonly number[]): number | undefined {
  if (route.priority === undefined) {
    const last = Math.max(0, ...taken);
    return last < DEFAULT_METRIC_V6 ? undefined : last + 1;
  }
  let metric = route.priority;
  while (taken.includes(metric)) metric++;
  return metric;
}

/**
 * Places a route behind present ones to the same destination: each network of a container may bring a default route,
 * and the first network keeps it, regardless of interface names. An explicit `priority` is kept, and decides.
 * @returns the route with its metric; `undefined` if it is already present.
 */
export function placeRoute(
  route: RouteSpec,
  link: number,
  there: readonly KernelRoute[],
): RouteSpec | undefined {
  const table = route.table ?? TABLE_MAIN;
  const rivals = there.filter((one) => one.dst === route.dst && one.table === table);
  if (rivals.some((one) => isSame(route, link, one))) return undefined;
  const taken = rivals.map(({ metric }) => metric);
  const priority = familyOf(route.dst) === 4 ? metricBehind(route, taken) : freeMetric(route, taken);
  return { ...route, priority };
}
