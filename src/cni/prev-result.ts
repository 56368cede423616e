import type { RouteSpec } from '../veth/plan.ts';
import { checkShape } from '../input/schema.ts';
import { resultSchema } from './schema.ts';
import type { Result } from './types.ts';

/**
 * Converts a result of any version to the 1.1.0 shape: `prevResult`, or the output of a delegated plugin.
 * @throws FlatnetError naming the wrong key.
 */
export function parseResult(value: unknown, where: string): Result {
  const shape = checkShape(resultSchema(), value, where);
  const old = [shape.ip4, shape.ip6].filter((section) => section !== undefined);
  const oldIps = old.map(({ ip, gateway }) => ({ address: ip, gateway }));
  const oldRoutes: readonly RouteSpec[] = old.flatMap(({ routes }) => routes ?? []);
  return {
    interfaces: shape.interfaces ?? [],
    ips:
      shape.ips?.map(({ address, gateway, interface: index }) => ({ address, gateway, interface: index })) ??
      oldIps,
    routes: shape.routes ?? oldRoutes,
    dns: shape.dns ?? {},
  };
}
