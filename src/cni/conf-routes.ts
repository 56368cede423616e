import { formatAddress, networkOf, parseAddress, parseCidr } from '../ipam/address.ts';
import type { RouteSpec } from '../veth/plan.ts';
import { invalidValue } from './parse.ts';

/** Where a list of routes stands: the key, and a name for the whole. */
export interface RoutesPlace {
  readonly list: string;
  readonly where: string;
}

/**
 * Routes of `ipam.routes` or of a plugin that gives addresses, their destinations spelled as networks: the kernel refuses host bits, which the
 * reference plugins mask.
 *
 * @throws CniError 7 naming key, value and what would be right.
 */
export function parseRoutes(
  routes: readonly RouteSpec[],
  { list, where }: RoutesPlace,
): readonly RouteSpec[] {
  return routes.map((route, index) => {
    const key = `${list}[${index}]`;
    const dst = parseCidr(route.dst);
    if (dst === undefined) {
      throw invalidValue(`${key}.dst`, route.dst, { expected: 'a CIDR such as "10.0.0.0/8"', where });
    }
    const { family, prefix } = dst;
    if (route.gw !== undefined && parseAddress(route.gw)?.family !== family) {
      throw invalidValue(`${key}.gw`, route.gw, { expected: `an IPv${family} address`, where });
    }
    return { ...route, dst: `${formatAddress({ family, value: networkOf(dst).first })}/${prefix}` };
  });
}
