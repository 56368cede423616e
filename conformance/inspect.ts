import type { Place } from './host.ts';

/** A link in `ip -j -d address show`. */
export interface Link {
  readonly ifname: string;
  readonly address: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly master?: string;
  readonly linkinfo?: { readonly info_kind?: string };
  readonly addr_info: readonly {
    readonly local: string;
    readonly prefixlen: number;
    readonly scope: string;
  }[];
}

/** Number of the kernel's table "main". */
export const MAIN_TABLE = 254;
const LOCAL_TABLE = 255;
/** The "protocol" of a route that the kernel made for an address. */
export const KERNEL_PROTOCOL = '2';

/** A route in `ip -j -N route show`, connected routes included. */
export interface Route {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly protocol?: string;
  readonly scope?: string;
  readonly table: number;
}

/** Every link of a namespace, by name. */
export async function linksOf(place: Place): Promise<Map<string, Link>> {
  const links = JSON.parse(await place.run(['ip', '-j', '-d', 'address', 'show'])) as Link[];
  return new Map(links.map((link) => [link.ifname, link]));
}

/**
 * Routes of both families, except those to the namespace's own addresses; destinations with prefix, `default` spelled
 * out.
 */
export async function routesOf(place: Place): Promise<Route[]> {
  const [v4, v6] = await Promise.all(['-4', '-6'].map((family) => readRoutes(place, family)));
  const routes = [...(v4 ?? []).map(withPrefix(32, '0.0.0.0/0')), ...(v6 ?? []).map(withPrefix(128, '::/0'))];
  return routes.filter(({ table }) => table !== LOCAL_TABLE);
}

async function readRoutes(place: Place, family: string): Promise<Route[]> {
  const text = await place.run(['ip', '-j', '-N', family, 'route', 'show', 'table', 'all']);
  const routes = JSON.parse(text || '[]') as (Omit<Route, 'table'> & { table?: string })[];
  return routes.map((route) => ({ ...route, table: Number(route.table ?? MAIN_TABLE) }));
}

const withPrefix =
  (full: number, everything: string) =>
  (route: Route): Route => ({
    ...route,
    dst: route.dst === 'default' ? everything : route.dst.includes('/') ? route.dst : `${route.dst}/${full}`,
  });

/** The global addresses of a link, `address/prefix`. */
export function globalAddresses(link: Link | undefined): string[] {
  return (link?.addr_info ?? [])
    .filter(({ scope }) => scope !== 'link')
    .map(({ local, prefixlen }) => `${local}/${prefixlen}`);
}
