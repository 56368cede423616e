import { type Fields, isFields } from '../../input/parse.ts';
import type { KernelRoute } from '../link-info.ts';

/*
 * Parses `ip -N -j -d route show table all` (iproute2 5.0 and newer): types, tables and scopes are quoted numbers,
 * links are names.
 */

const UNICAST = ['1', 'unicast'];
const MAIN = 254;
const SCOPES: Readonly<Record<string, number>> = { global: 0, site: 200, link: 253, host: 254 };
const TABLES: Readonly<Record<string, number>> = { default: 253, main: MAIN, local: 255 };
const EVERYWHERE = { 4: '0.0.0.0/0', 6: '::/0' } as const;

function numberIn(value: unknown, names: Readonly<Record<string, number>> = {}): number | undefined {
  if (typeof value === 'string') return names[value] ?? Number(value);
  return typeof value === 'number' ? value : undefined;
}

function destinationOf(dst: string, family: 4 | 6): string {
  if (dst === 'default') return EVERYWHERE[family];
  return dst.includes('/') ? dst : `${dst}/${family === 4 ? 32 : 128}`;
}

function listIn(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

/** The gateway may be of the other family. */
function gatewayOf({ gateway, via }: Fields): string | undefined {
  if (typeof gateway === 'string') return gateway;
  return isFields(via) && typeof via['host'] === 'string' ? via['host'] : undefined;
}

/** Unicast routes only. @param links indexes by name. */
export function parseRoutes(
  listing: readonly unknown[],
  family: 4 | 6,
  links: ReadonlyMap<string, number>,
): readonly KernelRoute[] {
  return listing.filter(isFields).flatMap((route) => {
    const { type = 'unicast', dst, table, metric, scope, metrics, nexthops } = route;
    if (typeof dst !== 'string' || !UNICAST.includes(String(type))) return [];
    const [own] = listIn(metrics);
    const shared = {
      dst: destinationOf(dst, family),
      table: numberIn(table, TABLES) ?? MAIN,
      metric: numberIn(metric) ?? 0,
      scope: numberIn(scope, SCOPES) ?? 0,
      mtu: numberIn(own?.['mtu']),
      advmss: numberIn(own?.['advmss']),
    };
    const ways = Array.isArray(nexthops) ? listIn(nexthops) : [route];
    return ways.map((way) => ({ ...shared, gw: gatewayOf(way), link: links.get(String(way['dev'])) ?? 0 }));
  });
}
