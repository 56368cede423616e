import { familyOf } from '../input/address.ts';
import { SCOPE_LINK, TABLE_MAIN } from '../sys/netlink/address-requests.ts';
import { isDefaultRoute, type RouteSpec } from '../veth/plan.ts';
import type { Lease } from './leased.ts';
import type { NetworkSpec } from './spec.ts';

type Leased = Pick<Lease, 'addresses' | 'routes'>;

/** Gateway of the family's first address that has one. */
function gatewayOf({ addresses }: Leased, family: 4 | 6): string | undefined {
  return addresses.find((one) => one.family === family && one.gateway !== undefined)?.gateway;
}

/**
 * A route without `gw` leads through the gateway of its family, as in the reference plugins (`ipam.ConfigureIface`). It
 * stays on-link if no gateway is known, if its scope says so, and if it leads to the gateway itself.
 */
function throughGateway(leased: Leased, route: RouteSpec): RouteSpec {
  if (route.gw !== undefined || (route.scope ?? 0) >= SCOPE_LINK) return route;
  const gw = gatewayOf(leased, familyOf(route.dst));
  return gw === undefined || [`${gw}/32`, `${gw}/128`].includes(route.dst) ? route : { ...route, gw };
}

/** The default routes that `isDefaultGateway` requires and IPAM did not give, one per family. */
function defaultRoutes(leased: Leased): readonly RouteSpec[] {
  return ([4, 6] as const).flatMap((family) => {
    const gw = gatewayOf(leased, family);
    const isGiven = leased.routes.some(
      ({ dst, table = TABLE_MAIN }) =>
        isDefaultRoute(dst) && familyOf(dst) === family && table === TABLE_MAIN,
    );
    return gw === undefined || isGiven ? [] : [{ dst: family === 4 ? '0.0.0.0/0' : '::/0', gw }];
  });
}

/** IPAM's routes, each with its gateway, and the default routes. */
export function effectiveRoutes(
  leased: Leased,
  { isDefaultGateway }: Pick<NetworkSpec, 'isDefaultGateway'>,
): readonly RouteSpec[] {
  return [
    ...leased.routes.map((route) => throughGateway(leased, route)),
    ...(isDefaultGateway ? defaultRoutes(leased) : []),
  ];
}
