import { familyOf } from '../../input/address.ts';
import { describeSpan } from '../../ipam/range.ts';
import { DEFAULT_DOMAIN } from '../../names/zone.ts';
import { optionsFor } from './interface-settings.ts';
import type { Moved } from './meaning.ts';
import { firstRanges, type PooledSpec, type SplitRoutes } from './routes.ts';

type Options = Readonly<Record<string, string>>;

/** An option where it says something else than the default. */
function unless(isDefault: boolean, name: string, value: string | number | boolean = true): Options {
  return isDefault ? {} : { [name]: String(value) };
}

function switchesOf(conf: PooledSpec): Options {
  const { ingressPolicy, portIsolation, ipMasqBackend } = conf;
  return {
    ...unless(conf.isGateway, 'mode', 'unmanaged'),
    ...unless(conf.internal || conf.ipMasq || !conf.isGateway, 'masquerade', false),
    ...(ipMasqBackend === undefined ? {} : { 'masquerade-backend': ipMasqBackend }),
    ...unless(ingressPolicy === 'open', 'ingress-policy', ingressPolicy),
    ...unless(portIsolation === (ingressPolicy === 'isolated'), 'port-isolation', portIsolation),
    ...unless(!conf.macspoofchk, 'macspoofchk'),
    ...unless(!conf.hairpinMode, 'hairpin-mode'),
    ...unless(!conf.promiscMode, 'promisc-mode'),
    ...unless(conf.forwardAccept || !conf.isGateway, 'forward-accept', false),
    ...unless(!conf.forceAddress, 'force-address'),
    ...unless(!conf.enabledad, 'enabledad'),
  };
}

/** What the packet filter does with source addresses, and the zone of firewalld. */
function filterOf({ outbound, snat, masqAll, firewalldZone }: PooledSpec): Options {
  return {
    ...Object.fromEntries(outbound.map((address) => [`outbound_addr${familyOf(address)}`, address])),
    ...unless(snat, 'snat', false),
    ...unless(!masqAll, 'masq-all'),
    ...(firewalldZone === undefined ? {} : { 'firewalld-zone': firewalldZone }),
  };
}

function namesOf({ names }: PooledSpec): Options {
  if (names === undefined) return {};
  const { server, domain, host } = names;
  return {
    ...unless(server === 'auto', 'names', server),
    ...unless(domain === DEFAULT_DOMAIN, 'names-domain', domain),
    ...(host === undefined ? {} : { 'names-host': host }),
  };
}

/** The spans that no container gets; ranges of one subnet have the same ones. */
export function excludedOf(conf: PooledSpec): readonly string[] {
  const spans = firstRanges(conf).flatMap(({ exclude, family }) =>
    exclude.map((span) => describeSpan(span, family)),
  );
  return [...new Set(spans)];
}

function addressesOf(conf: PooledSpec): Options {
  const { pool, dataDir } = conf.ipam;
  const pairs = Object.entries(pool.reservations).flatMap(([name, addresses]) =>
    addresses.map((address) => `${name}=${address}`),
  );
  const excluded = excludedOf(conf);
  return {
    ...unless(excluded.length === 0, 'exclude', excluded.join(',')),
    ...unless(pairs.length === 0, 'reservations', pairs.join(',')),
    ...unless(!pool.allowOverlap, 'allow-overlap'),
    ...(dataDir === undefined ? {} : { 'data-dir': dataDir }),
  };
}

function limitsOf({ ingress, egress }: Moved['bandwidth']): Options {
  return {
    ...(ingress === undefined
      ? {}
      : { 'ingress-rate': String(ingress.rate), 'ingress-burst': String(ingress.burst) }),
    ...(egress === undefined
      ? {}
      : { 'egress-rate': String(egress.rate), 'egress-burst': String(egress.burst) }),
  };
}

function routingOf(conf: PooledSpec, { defaults }: SplitRoutes): Options {
  if (defaults === 'none') return unless(conf.internal, 'no_default_route');
  return defaults.metric === undefined ? {} : { metric: String(defaults.metric) };
}

/** The options of the driver that say what a network means, those at their default left out. */
export function driverOptions({ conf, bandwidth, settings }: Moved, split: SplitRoutes): Options {
  return {
    ...(conf.mtu === undefined ? {} : { mtu: String(conf.mtu) }),
    ...routingOf(conf, split),
    ...switchesOf(conf),
    ...filterOf(conf),
    ...namesOf(conf),
    ...addressesOf(conf),
    ...limitsOf(bandwidth),
    ...optionsFor(settings),
  };
}
