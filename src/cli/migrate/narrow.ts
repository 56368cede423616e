import type { DNS } from '../../attachment/spec.ts';
import { parseAddress } from '../../input/address.ts';
import { rangeOf } from '../../ipam/range.ts';
import { effectiveRoutes } from '../../attachment/lease-routes.ts';
import { TABLE_MAIN } from '../../sys/netlink/address-requests.ts';
import type { RouteSpec } from '../../veth/plan.ts';
import type { Loss, Narrowed } from './loss.ts';
import { dnsOf, hasDns } from './meaning.ts';
import { narrowGateway } from './narrow-gateway.ts';
import { addressesOf, isOnLink, type PooledSpec } from './routes.ts';

/** `ipam.subnet` of the old spelling is a set of its own, before those of `ipam.ranges`. */
function keyOfSet(index: number, hasTopLevel: boolean): string {
  if (!hasTopLevel) return `ipam.ranges[${index}]`;
  return index === 0 ? 'ipam' : `ipam.ranges[${index - 1}]`;
}

function narrowRanges(
  { ipam }: PooledSpec,
  hasTopLevel: boolean,
): Narrowed<PooledSpec['ipam']['pool']['sets']> {
  const { sets } = ipam.pool;
  const losses = sets.flatMap((set, index) =>
    set.slice(1).map((range, at): Loss => {
      const key = `${keyOfSet(index, hasTopLevel)}[${at + 1}]`;
      const { first, last } = range.dynamic;
      const why =
        'a network of netavark has one range for each address; containers with an address of it get another';
      return {
        key,
        value: `${(last - first + 1n).toString()} addresses`,
        why,
        changes: ['ranges', 'reservations'],
      };
    }),
  );
  return { kept: sets.map((set) => set.slice(0, 1)), losses };
}

type Reservations = PooledSpec['ipam']['pool']['reservations'];

/** `web=10.87.1.50,db=10.87.1.51` is no place for a name with a comma, or with blanks around it. */
function isWritable(name: string): boolean {
  return name !== '' && name === name.trim() && !name.includes(',');
}

function narrowReservations(
  reservations: Reservations,
  sets: PooledSpec['ipam']['pool']['sets'],
): Narrowed<Reservations> {
  const kept: Record<string, readonly string[]> = {};
  const losses: Loss[] = [];
  for (const [name, addresses] of Object.entries(reservations)) {
    const inside = addresses.filter((text) => {
      const address = parseAddress(text);
      return address !== undefined && rangeOf(sets.flat(), address) !== undefined;
    });
    if (isWritable(name) && inside.length > 0) kept[name] = inside;
    if (isWritable(name) && inside.length === addresses.length) continue;
    const key = `ipam.reservations[${JSON.stringify(name)}]`;
    const why = isWritable(name)
      ? 'the range that it lies in is left out'
      : 'a name with a comma or blanks around it cannot stand in the option "reservations"';
    losses.push({ key, value: addresses, why, changes: ['reservations'] });
  }
  return { kept, losses };
}

function resolved(conf: PooledSpec, route: RouteSpec): RouteSpec {
  const leased = { addresses: addressesOf(conf), routes: [route] };
  return effectiveRoutes(leased, { isDefaultGateway: false })[0] ?? route;
}

function narrowRoutes(conf: PooledSpec): Narrowed<readonly RouteSpec[]> {
  const losses: Loss[] = [];
  const kept = conf.ipam.routes.flatMap((route, index) => {
    const at = `ipam.routes[${index}]`;
    const lose = (key: string, value: unknown, why: string) =>
      losses.push({ key, value, why, changes: ['routes'] });
    const { mtu, advmss, table, scope, ...rest } = resolved(conf, route);
    const isElsewhere = table !== undefined && table !== TABLE_MAIN;
    if (isElsewhere || isOnLink(resolved(conf, route))) {
      const why = isElsewhere
        ? 'a route of netavark is in the main table'
        : 'a route of netavark has a gateway';
      lose(at, route, `${why}; it is left out`);
      return [];
    }
    if (mtu !== undefined) lose(`${at}.mtu`, mtu, 'a route of netavark has no MTU');
    if (scope !== undefined && scope !== 0) lose(`${at}.scope`, scope, 'a route of netavark has no scope');
    if (advmss !== undefined) lose(`${at}.advmss`, advmss, 'a route of netavark has no MSS');
    return [rest];
  });
  return { kept, losses };
}

function narrowDns(conf: PooledSpec): Narrowed<DNS> {
  const { nameservers = [], resolvConf, ...others } = dnsOf(conf);
  const at = hasDns(conf.dns) ? 'dns' : 'ipam.dns';
  const changes = ['resolver settings'] as const;
  const isServer = (text: string) => parseAddress(text) !== undefined;
  const lost = Object.entries(others).filter(([, value]) => (value?.length ?? 0) > 0);
  const strange = nameservers.filter((text) => !isServer(text));
  return {
    kept: { nameservers: nameservers.filter(isServer) },
    losses: [
      ...lost.map(([key, value]) => ({
        key: `${at}.${key}`,
        value,
        why: 'a network of netavark has nothing but servers; podman run --dns-search and --dns-option have the rest',
        changes,
      })),
      ...(strange.length === 0
        ? []
        : [{ key: `${at}.nameservers`, value: strange, why: 'netavark takes IP addresses only', changes }]),
      ...(resolvConf === undefined
        ? []
        : [
            {
              key: 'ipam.resolvConf',
              value: resolvConf,
              why: 'a driver of netavark reads no such file',
              changes,
            },
          ]),
    ],
  };
}

/**
 * Cuts a network down to what a file of netavark can say.
 *
 * @param hasTopLevel whether the conflist has a range in the old spelling, `ipam.subnet`.
 */
export function narrow(conf: PooledSpec, hasTopLevel: boolean): Narrowed<PooledSpec> {
  const { pool } = conf.ipam;
  const gateway = narrowGateway(conf);
  const sets = narrowRanges(conf, hasTopLevel);
  const reservations = narrowReservations(pool.reservations, sets.kept);
  const routes = narrowRoutes(conf);
  const dns = narrowDns(conf);
  return {
    kept: {
      ...gateway.kept,
      dns: dns.kept,
      ipam: {
        ...conf.ipam,
        pool: { ...pool, sets: sets.kept, reservations: reservations.kept },
        routes: routes.kept,
        dns: {},
        resolvConf: undefined,
      },
    },
    losses: [...gateway.losses, ...sets.losses, ...reservations.losses, ...routes.losses, ...dns.losses],
  };
}
