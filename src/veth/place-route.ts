import { TABLE_MAIN } from '../sys/netlink/address-requests.ts';
import { familyOf, type RouteSpec } from './plan.ts';
import type { KernelRoute } from '../sys/link-info.ts';

/** What the kernel gives an IPv6 route without one (IP6_RT_PRIO_USER). */
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

/** IPv4 has room for any number of equal routes, of which the first is used: behind is after the last. */
function metricBehind(route: RouteSpec, taken: readonly number[]): number | undefined {
  const last = Math.max(0, ...taken);
  return route.priority ?? (last === 0 ? undefined : last);
}

/** IPv6 would make equal routes one through several links: each has a metric of its own. */
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
 * Where a route finds its place beside those that are there: several networks of a container each bring a default route,
 * or one to the same destination. The first keeps it, the others stand behind, regardless of interface names. A
 * `priority` that was asked for is kept, and decides.
 *
 * @returns the route with the metric it can have; `undefined` when it is there already.
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
