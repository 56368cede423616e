import type { DNS } from '../../attachment/spec.ts';
import { describeGateway, describeSpan, describeSubnet } from '../../ipam/range.ts';
import type { Pool, Range } from '../../ipam/types.ts';
import type { LinkSettings } from '../../sys/netlink/link-settings.ts';
import type { Bandwidth } from '../../veth/bandwidth.ts';
import { keyOf, type PooledSpec, routesOf } from './routes.ts';

/** What a network sets on the interface of each container, in the words of the tuning plugin. */
export interface InterfaceSettings extends LinkSettings {
  /** By key as it was spelled. */
  readonly sysctl: Readonly<Record<string, string>>;
}

/** A network apart from the file that it stands in. */
export interface Moved {
  readonly name: string;
  readonly conf: PooledSpec;
  readonly bandwidth: Bandwidth;
  readonly settings: InterfaceSettings;
  readonly labels: Readonly<Record<string, string>>;
}

function describeRange(range: Range): object {
  const exclude = [...new Set(range.exclude.map((span) => describeSpan(span, range.family)))].sort();
  return {
    subnet: describeSubnet(range),
    gateway: describeGateway(range),
    dynamic: describeSpan(range.dynamic, range.family),
    exclude,
  };
}

function sorted<T>(entries: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return Object.entries(entries).sort(([one], [other]) => one.localeCompare(other));
}

function describeReservations({ reservations }: Pool): object {
  return sorted(reservations).filter(([, addresses]) => addresses.length > 0);
}

/** Whether it says anything. */
export function hasDns({ nameservers = [], domain = '', search = [], options = [] }: DNS): boolean {
  return domain !== '' || [nameservers, search, options].some((list) => list.length > 0);
}

/** The resolver settings that containers get: those of the network, else those of `ipam`. */
export function dnsOf({ dns, ipam }: PooledSpec): DNS & { readonly resolvConf?: string | undefined } {
  if (hasDns(dns)) return dns;
  return Object.keys(ipam.dns).length > 0 ? ipam.dns : { resolvConf: ipam.resolvConf };
}

function describeDns(conf: PooledSpec): object {
  const { nameservers = [], domain = '', search = [], options = [], resolvConf = '' } = dnsOf(conf);
  return { nameservers, domain, search, options, resolvConf };
}

function switchesOf({ conf }: Moved): object {
  const { isGateway, internal, forwardAccept, ipMasq } = conf;
  return {
    bridge: conf.bridge,
    gateway: isGateway,
    internal,
    masquerade: ipMasq,
    'masquerade backend': conf.ipMasqBackend ?? 'unset',
    'accepting in FORWARD': forwardAccept && isGateway && !internal,
    mtu: conf.mtu ?? 'unset',
    hairpin: conf.hairpinMode,
    'promiscuous mode': conf.promiscMode,
    'port isolation': conf.portIsolation,
    'spoof check': conf.macspoofchk,
    'ingress policy': conf.ingressPolicy,
    'duplicate address detection': conf.enabledad,
    'forced address': conf.forceAddress,
    'who makes the bridge': conf.isUnmanaged === true ? 'its admin' : 'flatnet',
    'source addresses': conf.outbound,
    'source address of published ports': [conf.snat, conf.masqAll],
    'zone of firewalld': conf.firewalldZone ?? 'trusted',
    names: conf.names ?? 'off',
  };
}

const FIELDS = [
  'bridge',
  'gateway',
  'internal',
  'masquerade',
  'masquerade backend',
  'accepting in FORWARD',
  'mtu',
  'hairpin',
  'promiscuous mode',
  'port isolation',
  'spoof check',
  'ingress policy',
  'duplicate address detection',
  'forced address',
  'who makes the bridge',
  'source addresses',
  'source address of published ports',
  'zone of firewalld',
  'names',
  'settings of the interface',
  'choice of addresses',
  'ranges',
  'reservations',
  'overlap',
  'data directory',
  'routes',
  'resolver settings',
  'bandwidth',
  'labels',
] as const;

/** A part of what a network means, for messages. */
export type Field = (typeof FIELDS)[number];

function meaningOf(moved: Moved): ReadonlyMap<string, string> {
  const { conf, bandwidth, labels, settings } = moved;
  const { ipam } = conf;
  const meaning = {
    ...switchesOf(moved),
    'choice of addresses': ipam.from,
    ranges: ipam.pool.sets.map((set) => set.map(describeRange)),
    reservations: describeReservations(ipam.pool),
    overlap: ipam.pool.allowOverlap,
    'data directory': ipam.dataDir ?? 'unset',
    routes: routesOf(conf).map(keyOf),
    'resolver settings': describeDns(conf),
    bandwidth: [bandwidth.ingress ?? 'unset', bandwidth.egress ?? 'unset'],
    'settings of the interface': { ...settings, sysctl: sorted(settings.sysctl) },
    labels: sorted(labels),
  };
  return new Map(Object.entries(meaning).map(([field, value]) => [field, JSON.stringify(value)]));
}

/** In what two networks differ; nothing where containers would not notice which of the two they are on. */
export function differencesOf(one: Moved, other: Moved): readonly Field[] {
  const [left, right] = [meaningOf(one), meaningOf(other)];
  return FIELDS.filter((field) => left.get(field) !== right.get(field));
}
