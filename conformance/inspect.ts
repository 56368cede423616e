import type { Place } from './host.ts';

/** A link as `ip -j -d address show` tells it. */
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

/** A route as `ip -j route show` tells it; the device's own connected routes included. */
export interface Route {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly protocol?: string;
  readonly scope?: string;
}

/** Every link of a namespace, by name. */
export async function linksOf(place: Place): Promise<Map<string, Link>> {
  const links = JSON.parse(await place.run(['ip', '-j', '-d', 'address', 'show'])) as Link[];
  return new Map(links.map((link) => [link.ifname, link]));
}

/** Every route of a namespace's main table, both families; destinations with their prefix, `default` spelled out. */
export async function routesOf(place: Place): Promise<Route[]> {
  const [v4, v6] = await Promise.all(
    ['-4', '-6'].map(
      async (family) => JSON.parse((await place.run(['ip', '-j', family, 'route'])) || '[]') as Route[],
    ),
  );
  return [...(v4 ?? []).map(withPrefix(32, '0.0.0.0/0')), ...(v6 ?? []).map(withPrefix(128, '::/0'))];
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
