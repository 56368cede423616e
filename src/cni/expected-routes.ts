import { formatAddress, networkOf, parseAddress, parseCidr } from '../input/address.ts';
import { spanContains } from '../ipam/range.ts';
import type { ExpectedRoute, RouteSpec } from '../veth/plan.ts';
import type { NetConf, Result, ResultIP } from './types.ts';
import { compareVersions } from './version.ts';

function canonical(route: RouteSpec): RouteSpec {
  const [dst, gw] = [parseCidr(route.dst), parseAddress(route.gw ?? '')];
  return {
    ...route,
    ...(dst === undefined
      ? {}
      : { dst: `${formatAddress({ ...dst, value: networkOf(dst).first })}/${dst.prefix}` }),
    ...(gw === undefined ? {} : { gw: formatAddress(gw) }),
  };
}

/**
 * Results before 1.1.0 have only a route's destination and gateway. The configuration has the rest, except with another
 * IPAM plugin, whose handling of the other fields is unknown.
 */
function completed(routes: readonly RouteSpec[], { network: { ipam } }: NetConf): readonly ExpectedRoute[] {
  if (ipam.from === 'source') return routes.map((route) => ({ ...route, isInAnyTable: true }));
  const configured = [...ipam.routes];
  return routes.map((route) => {
    const at = configured.findIndex(
      ({ dst, gw }) => dst === route.dst && (gw === undefined || gw === route.gw),
    );
    const [known] = at < 0 ? [] : configured.splice(at, 1);
    return known === undefined ? route : { ...known, ...route };
  });
}

/** Whether a gateway is in the subnet of one of these addresses. */
function isBehind(gw: string, ips: readonly ResultIP[]): boolean {
  const gateway = parseAddress(gw);
  return ips.some(({ address }) => {
    const cidr = parseCidr(address);
    return cidr?.family === gateway?.family && cidr !== undefined && gateway !== undefined
      ? spanContains(networkOf(cidr), gateway.value)
      : false;
  });
}

/**
 * The routes that CHECK looks for. If other plugins of the list made interfaces in the sandbox, too, a route has to use
 * our link only if its gateway is in our subnet.
 */
export function expectedRoutes(
  conf: NetConf,
  { prevResult, ips }: { prevResult: Result; ips: readonly ResultIP[] },
): readonly ExpectedRoute[] {
  const routes = prevResult.routes.map(canonical);
  const isAlone = prevResult.interfaces.filter(({ sandbox }) => (sandbox ?? '') !== '').length <= 1;
  const told = compareVersions(conf.cniVersion, '1.1.0') < 0 ? completed(routes, conf) : routes;
  return told.map((route) =>
    isAlone || (route.gw !== undefined && isBehind(route.gw, ips))
      ? route
      : { ...route, isThroughAnyLink: true },
  );
}
