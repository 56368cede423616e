import { familyOf, formatAddress, withoutPrefix } from '../../input/address.ts';
import { describeGateway, describeSpan, describeSubnet, hostsOf } from '../../ipam/range.ts';
import type { Range } from '../../ipam/types.ts';
import type { RouteSpec } from '../../veth/plan.ts';
import { CAPABILITIES, VERSIONS } from '../network/template.ts';
import { jsonText } from '../io.ts';
import { STAMP } from './conflist-losses.ts';
import type { Loss } from './loss.ts';
import type { Moved } from './meaning.ts';
import { networkFileLosses } from './network-file-losses.ts';
import { firstRanges, isOnLink, type PooledSpec, routesOf, splitRoutes, type SplitRoutes } from './routes.ts';
import { LABELS, type Source } from './source.ts';
import type { Conversion } from './to-netavark.ts';

/** Keys of an object, those that say nothing left out. */
function said(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => {
      if (value === undefined) return false;
      return typeof value !== 'object' || value === null || Object.keys(value).length > 0;
    }),
  );
}

function ifSet(value: boolean): true | undefined {
  return value ? true : undefined;
}

function rangeOf(range: Range): object {
  const { family, subnet, dynamic, exclude } = range;
  const hosts = hostsOf(subnet, family);
  const text = (value: bigint) => formatAddress({ family, value });
  return said({
    subnet: describeSubnet(range),
    rangeStart: dynamic.first === hosts.first ? undefined : text(dynamic.first),
    rangeEnd: dynamic.last === hosts.last ? undefined : text(dynamic.last),
    gateway: withoutPrefix(describeGateway(range)),
    exclude: exclude.map((span) => describeSpan(span, family)),
  });
}

function routeOf(route: RouteSpec): object {
  const { dst, gw, priority } = route;
  return said({ dst, gw: isOnLink(route) ? undefined : gw, priority });
}

function ipamOf({ ipam, ...conf }: PooledSpec, routes: readonly RouteSpec[]): object {
  const { pool, dataDir } = ipam;
  return said({
    ranges: firstRanges({ ...conf, ipam }).map((range) => [rangeOf(range)]),
    reservations: pool.reservations,
    routes: routes.map(routeOf),
    dataDir,
    allowOverlap: ifSet(pool.allowOverlap),
  });
}

/** The default routes that a switch makes have no metric; others are listed with the rest. */
function splitFor(conf: PooledSpec): SplitRoutes {
  const all = routesOf(conf);
  const split = splitRoutes(conf, all);
  const isPlain = split.defaults !== 'none' && split.defaults.metric === undefined;
  return isPlain && (conf.isGateway || conf.isUnmanaged === true) ? split : { defaults: 'none', routes: all };
}

/** Keys about source addresses, the zone of firewalld, names and the interface. */
function othersOf({ conf, settings }: Moved): object {
  const { outbound, snat, masqAll, firewalldZone, names } = conf;
  const { promisc, allmulti, txQLen, sysctl } = settings;
  return {
    ...Object.fromEntries(outbound.map((address) => [`outbound_addr${familyOf(address)}`, address])),
    snat: snat ? undefined : false,
    masqAll: ifSet(masqAll),
    firewalldZone,
    names,
    ...{ promisc, allmulti, txQLen, sysctl },
  };
}

/** Keys about the bridge and what it forwards. */
function switchesOf(conf: PooledSpec, { defaults }: SplitRoutes): object {
  const { isGateway, internal, ingressPolicy, portIsolation, isUnmanaged = false } = conf;
  const hasDefault = (isGateway || isUnmanaged) && !internal;
  const ofGateway = isUnmanaged ? { mode: 'unmanaged' } : { isGateway, ipMasq: conf.ipMasq };
  return {
    ...ofGateway,
    isDefaultGateway: hasDefault ? defaults !== 'none' : undefined,
    ipMasqBackend: conf.ipMasqBackend,
    internal: ifSet(internal),
    ingressPolicy: ingressPolicy === 'open' ? undefined : ingressPolicy,
    portIsolation: portIsolation === (ingressPolicy === 'isolated') ? undefined : portIsolation,
    forwardAccept: conf.forwardAccept || !isGateway ? undefined : false,
  };
}

function pluginOf(moved: Moved): object {
  const { conf, bandwidth } = moved;
  const split = splitFor(conf);
  return said({
    type: 'flatnet',
    bridge: conf.bridge,
    ...switchesOf(conf, split),
    mtu: conf.mtu,
    macspoofchk: ifSet(conf.macspoofchk),
    hairpinMode: ifSet(conf.hairpinMode),
    promiscMode: ifSet(conf.promiscMode),
    forceAddress: ifSet(conf.forceAddress),
    enabledad: ifSet(conf.enabledad),
    ingressRate: bandwidth.ingress?.rate,
    ingressBurst: bandwidth.ingress?.burst,
    egressRate: bandwidth.egress?.rate,
    egressBurst: bandwidth.egress?.burst,
    ...othersOf(moved),
    dns: said({ nameservers: conf.dns.nameservers ?? [] }),
    ipam: ipamOf(conf, split.routes),
    capabilities: CAPABILITIES,
  });
}

function argsOf({ fields, moved }: Source): object {
  const { id, created } = fields;
  const stamp = said({ id, created });
  return said({ [LABELS]: moved.labels, [STAMP]: stamp });
}

function changesOf({ fields, moved }: Source): readonly Loss[] {
  const { conf } = moved;
  const driver = fields['ipam_options'];
  return [
    ...(conf.ipam.from === 'pool'
      ? []
      : [
          {
            key: 'ipam_options.driver',
            value: driver,
            why: 'with CNI flatnet chooses the addresses, not Podman',
            changes: ['choice of addresses'] as const,
          },
        ]),
  ];
}

/** Turns the file of a network of netavark into a conflist. */
export function toConflist(source: Source): Conversion {
  const { moved, fields } = source;
  const list = {
    ...VERSIONS,
    name: moved.name,
    ...said({ args: argsOf(source) }),
    plugins: [pluginOf(moved)],
  };
  return { text: jsonText(list), losses: [...networkFileLosses(fields), ...changesOf(source)] };
}
