import { formatAddress, networkOf, parseAddress, parseCidr } from '../input/address.ts';
import type { RouteSpec } from '../veth/plan.ts';
import { invalidValue } from '../input/parse.ts';

/** Position of a list, for messages: its key, and a name for the document. */
export interface ListPlace {
  readonly list: string;
  readonly where: string;
}

function withoutZeros({ mtu, advmss, priority, table, ...route }: RouteSpec): RouteSpec {
  const fields = Object.entries({ mtu, advmss, priority, table });
  return { ...route, ...Object.fromEntries(fields.filter(([, value]) => (value ?? 0) !== 0)) };
}

/**
 * Routes of `ipam.routes` or of an IPAM plugin. Host bits of destinations are masked, as in the reference plugins: the
 * kernel refuses them. Zero counts as absent in all fields but `scope`.
 * @throws FlatnetError naming key, value and expected form.
 */
export function parseRoutes(routes: readonly RouteSpec[], { list, where }: ListPlace): readonly RouteSpec[] {
  return routes.map((route, index) => {
    const key = `${list}[${index}]`;
    const dst = parseCidr(route.dst);
    if (dst === undefined) {
      throw invalidValue(`${key}.dst`, route.dst, { expected: 'a CIDR such as "10.0.0.0/8"', where });
    }
    const { family, prefix } = dst;
    const gw = route.gw === undefined ? undefined : parseAddress(route.gw);
    if (route.gw !== undefined && gw?.family !== family) {
      throw invalidValue(`${key}.gw`, route.gw, { expected: `an IPv${family} address`, where });
    }
    return {
      ...withoutZeros(route),
      dst: `${formatAddress({ family, value: networkOf(dst).first })}/${prefix}`,
      ...(gw === undefined ? {} : { gw: formatAddress(gw) }),
    };
  });
}
