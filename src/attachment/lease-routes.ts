import { SCOPE_LINK, TABLE_MAIN } from '../sys/netlink/address-requests.ts';
import { familyOf, isDefaultRoute, type RouteSpec } from '../veth/plan.ts';
import type { Lease } from './leased.ts';
import type { NetworkSpec } from './spec.ts';

type Leased = Pick<Lease, 'addresses' | 'routes'>;

/** The gateway of a family's first address that has one. */
function gatewayOf({ addresses }: Leased, family: 4 | 6): string | undefined {
  return addresses.find((one) => one.family === family && one.gateway !== undefined)?.gateway;
}

/**
 * A route without `gw` leads through the gateway of its family, as with the reference plugins (`ipam.ConfigureIface`);
 * on the link where no gateway is known, where the scope says so, and where it is the way to the gateway itself.
 */
function throughGateway(leased: Leased, route: RouteSpec): RouteSpec {
  if (route.gw !== undefined || (route.scope ?? 0) >= SCOPE_LINK) return route;
  const gw = gatewayOf(leased, familyOf(route.dst));
  return gw === undefined || [`${gw}/32`, `${gw}/128`].includes(route.dst) ? route : { ...route, gw };
}

/** The default routes that `isDefaultGateway` asks for and IPAM did not give, one for each family. */
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

/** The routes an attachment gets: IPAM's, each with the gateway it leads through, and the default routes. */
export function effectiveRoutes(
  leased: Leased,
  { isDefaultGateway }: Pick<NetworkSpec, 'isDefaultGateway'>,
): readonly RouteSpec[] {
  return [
    ...leased.routes.map((route) => throughGateway(leased, route)),
    ...(isDefaultGateway ? defaultRoutes(leased) : []),
  ];
}
