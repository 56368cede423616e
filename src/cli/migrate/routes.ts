import { effectiveRoutes } from '../../attachment/lease-routes.ts';
import { type AttachedAddress, familiesOf, type NetworkSpec, type PoolIpam } from '../../attachment/spec.ts';
import { familyOf, formatAddress } from '../../input/address.ts';
import { describeSubnet } from '../../ipam/range.ts';
import type { Range } from '../../ipam/types.ts';
import { SCOPE_LINK, TABLE_MAIN } from '../../sys/netlink/address-requests.ts';
import { isDefaultRoute, type RouteSpec } from '../../veth/plan.ts';

/** A network whose addresses flatnet keeps account of; those of other IPAM plugins do not move. */
export interface PooledSpec extends NetworkSpec {
  readonly ipam: PoolIpam;
}

/** The first range of each set, which is all that a network of netavark has. */
export function firstRanges({ ipam }: PooledSpec): readonly Range[] {
  return ipam.pool.sets.flatMap(([range]) => range ?? []);
}

/** Says nothing that the kernel would not choose itself. */
function canonical({ table, scope, ...route }: RouteSpec): RouteSpec {
  return {
    ...route,
    ...(table === undefined || table === TABLE_MAIN ? {} : { table }),
    ...(scope === undefined || (scope === 0 && route.gw !== undefined) ? {} : { scope }),
  };
}

/** A stand-in for the addresses that a container gets: the first of each set, with its gateway. */
export function addressesOf(conf: PooledSpec): readonly AttachedAddress[] {
  return firstRanges(conf).map((range) => {
    const { family, gateway, subnet } = range;
    return {
      family,
      address: describeSubnet(range),
      prefix: subnet.prefix,
      gateway: gateway === undefined ? undefined : formatAddress({ family, value: gateway }),
    };
  });
}

/** The routes that a container of the network gets, each with its gateway, sorted. */
export function routesOf(conf: PooledSpec): readonly RouteSpec[] {
  const leased = { addresses: addressesOf(conf), routes: conf.ipam.routes };
  const routes = effectiveRoutes(leased, conf).map(canonical);
  return [...routes].sort((one, other) => keyOf(one).localeCompare(keyOf(other)));
}

/** The same text for the same route, whatever the order of its fields. */
export function keyOf({ dst, gw, priority, mtu, advmss, table, scope }: RouteSpec): string {
  return JSON.stringify({ dst, gw, priority, mtu, advmss, table, scope });
}

/** A route to what is on the link itself: it has no gateway. */
export function isOnLink({ gw, scope }: RouteSpec): boolean {
  return gw === undefined || (scope ?? 0) >= SCOPE_LINK;
}

/** Routes of a network, the default routes apart where all families have the same. */
export interface SplitRoutes {
  /** `none`: no default route that a switch stands for. */
  readonly defaults: 'none' | { readonly metric: number | undefined };
  /** All others. */
  readonly routes: readonly RouteSpec[];
}

function gatewayOf(conf: PooledSpec, wanted: 4 | 6): string | undefined {
  return addressesOf(conf).find(({ family, gateway }) => family === wanted && gateway !== undefined)?.gateway;
}

/** Whether it is what a switch would make: through the network's own gateway, in the main table, with a metric at most. */
function isSwitched(conf: PooledSpec, route: RouteSpec): boolean {
  const { dst, gw, mtu, advmss, table, scope } = route;
  const rest = [mtu, advmss, table, scope];
  return (
    isDefaultRoute(dst) && gw === gatewayOf(conf, familyOf(dst)) && rest.every((value) => value === undefined)
  );
}

/** Splits the routes of a network into the default routes that a switch stands for and those that have to be listed. */
export function splitRoutes(conf: PooledSpec, routes: readonly RouteSpec[]): SplitRoutes {
  const defaults = routes.filter(({ dst }) => isDefaultRoute(dst));
  const [first] = defaults;
  const metric = first?.priority;
  const families = defaults.map(({ dst }) => familyOf(dst));
  const isWhole =
    first !== undefined &&
    families.length === familiesOf(conf.ipam).length &&
    new Set(families).size === families.length &&
    defaults.every((route) => isSwitched(conf, route) && route.priority === metric);
  if (!isWhole || conf.internal) return { defaults: 'none', routes };
  return { defaults: { metric }, routes: routes.filter((route) => !defaults.includes(route)) };
}
