import { ingressPolicy, masqueradeBackend } from '../../attachment/schema.ts';
import type { Limits } from '../../attachment/parse-bandwidth.ts';
import { LEAST_MTU } from '../../bridge/mtu.ts';
import type { IngressPolicy } from '../../firewall/isolation.ts';
import type { MasqueradeBackend } from '../../firewall/masquerade.ts';
import { FlatnetError } from '../../input/error.ts';
import { nearest } from '../../input/nearest.ts';
import { invalidValue } from '../../input/parse.ts';
import { quote } from '../../input/quote.ts';
import { conforms } from '../../input/schema.ts';
import { FIREWALL_OPTIONS, type FirewallSettings } from './firewall-options.ts';
import { LINK_OPTIONS, type LinkChoices, sysctlOf } from './link-options.ts';
import { NAMES_OPTIONS, type NamesSettings } from './names-options.ts';
import { count, flag, type Read } from './read-option.ts';

/** What the options of a network, and of a container in it, say; absent what they do not. */
export interface Settings extends Limits, LinkChoices, FirewallSettings, NamesSettings {
  readonly mtu?: number;
  readonly isUnmanaged?: boolean;
  readonly metric?: number;
  readonly noDefaultRoute?: boolean;
  /** Of netavark's `isolate`. */
  readonly isolated?: boolean;
  readonly masquerade?: boolean;
  readonly masqueradeBackend?: MasqueradeBackend;
  readonly ingressPolicy?: IngressPolicy;
  readonly macspoofchk?: boolean;
  readonly portIsolation?: boolean;
  readonly hairpin?: boolean;
  readonly promisc?: boolean;
  readonly forwardAccept?: boolean;
  readonly forceAddress?: boolean;
  readonly enabledad?: boolean;
  readonly allowOverlap?: boolean;
  readonly dataDir?: string;
  /** Addresses, CIDRs or spans. */
  readonly exclude?: readonly string[];
  readonly reservations?: Readonly<Record<string, readonly string[]>>;
}

interface Option {
  readonly read: Read<Settings>;
  /** Whether a container may have another value than its network: `--network flatnet:metric=5`. */
  readonly inContainer?: true;
  /** Whether no network can have one: what it names, one container has. */
  readonly isOfContainer?: true;
}

function limit(key: keyof Limits): Option {
  return { read: count(0, Number.MAX_SAFE_INTEGER, (value) => ({ [key]: value })), inContainer: true };
}

/** Whether addresses can be kept there. */
export function isDataDir(value: unknown): value is string {
  return typeof value === 'string' && /^\/\P{Cc}*$/u.test(value);
}

function itemsOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** `web=10.87.1.50,db=10.87.1.51`; a name that is there twice has two addresses. */
function readReservations(text: string): ReturnType<Read<Settings>> {
  const reservations: Record<string, readonly string[]> = {};
  for (const item of itemsOf(text)) {
    const at = item.lastIndexOf('=');
    const name = item.slice(0, at);
    if (at < 1) return { expected: 'pairs of container and address, "web=10.87.2.50,db=10.87.2.51"' };
    reservations[name] = [...(reservations[name] ?? []), item.slice(at + 1)];
  }
  return { reservations };
}

const atLeast = count(LEAST_MTU[4], 65_535, (mtu) => ({ mtu }));
/** 0 is what the machine has, as without the option. */
const MTU: Option = { read: (text) => (text === '0' ? {} : atLeast(text)), inContainer: true };

const MASQUERADE: Option = { read: flag((masquerade) => ({ masquerade })) };

/** Options by their names, as they are shown; netavark's own come first. */
const OPTIONS: Readonly<Record<string, Option>> = {
  mtu: MTU,
  'com.docker.network.driver.mtu': MTU,
  isolate: {
    read: (text) => (text === 'strict' ? { isolated: true } : flag((isolated) => ({ isolated }))(text)),
  },
  mode: {
    read: (text) =>
      ['managed', 'unmanaged'].includes(text)
        ? { isUnmanaged: text === 'unmanaged' }
        : { expected: '"managed" or "unmanaged"' },
  },
  metric: { read: count(0, 2 ** 32 - 1, (metric) => ({ metric })), inContainer: true },
  no_default_route: { read: flag((noDefaultRoute) => ({ noDefaultRoute })), inContainer: true },
  ...FIREWALL_OPTIONS,
  masquerade: MASQUERADE,
  'ip-masq': MASQUERADE,
  'masquerade-backend': {
    read: (text) =>
      conforms(masqueradeBackend(), text)
        ? { masqueradeBackend: text }
        : { expected: '"nftables" or "iptables"' },
  },
  'ingress-policy': {
    read: (text) =>
      conforms(ingressPolicy(), text)
        ? { ingressPolicy: text }
        : { expected: '"open", "same-bridge" or "isolated"' },
  },
  macspoofchk: { read: flag((macspoofchk) => ({ macspoofchk })) },
  'port-isolation': { read: flag((portIsolation) => ({ portIsolation })) },
  'hairpin-mode': { read: flag((hairpin) => ({ hairpin })) },
  'promisc-mode': { read: flag((promisc) => ({ promisc })) },
  'forward-accept': { read: flag((forwardAccept) => ({ forwardAccept })) },
  'force-address': { read: flag((forceAddress) => ({ forceAddress })) },
  enabledad: { read: flag((enabledad) => ({ enabledad })) },
  'allow-overlap': { read: flag((allowOverlap) => ({ allowOverlap })) },
  'data-dir': {
    read: (text) => (isDataDir(text) ? { dataDir: text } : { expected: 'an absolute path' }),
  },
  ...NAMES_OPTIONS,
  exclude: { read: (text) => ({ exclude: itemsOf(text) }) },
  reservations: { read: readReservations },
  'ingress-rate': limit('ingressRate'),
  'ingress-burst': limit('ingressBurst'),
  'egress-rate': limit('egressRate'),
  'egress-burst': limit('egressBurst'),
  ...LINK_OPTIONS,
};

const OTHER_DRIVER = 'leave it out, or use the driver "bridge" for this network';

/** Options of netavark's bridge that flatnet does not do: refused by name, never ignored. */
const REFUSED: Readonly<Record<string, string>> = {
  vlan: OTHER_DRIVER,
  vrf: OTHER_DRIVER,
  'com.docker.network.bridge.name': 'name the bridge by --interface-name',
};

/** `ingressPolicy`, `ingress_policy` and `ingress-policy` are one option. */
export function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}

function entryOf<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.entries(table).find(([known]) => plain(known) === plain(name))?.[1];
}

function unknownOption(name: string, where: string): FlatnetError {
  const near = nearest(name, Object.keys(OPTIONS));
  const known = `flatnet knows ${Object.keys(OPTIONS).join(', ')}`;
  return new FlatnetError('invalid', `Unknown option ${quote(name)} in ${where}`, {
    details: near === undefined ? known : `did you mean "${near}"? ${known}`,
  });
}

/**
 * Reads options: of a network (`podman network create -o`), or of one container in it (`--network NAME:option=value`).
 *
 * @throws FlatnetError for one that flatnet does not know, naming the nearest, does not do, or that has a wrong value.
 */
export function parseOptions(
  options: Readonly<Record<string, string>>,
  { where, inContainer }: { readonly where: string; readonly inContainer: boolean },
): Settings {
  let settings: Settings = {};
  for (const [name, value] of Object.entries(options)) {
    const reason = entryOf(REFUSED, name);
    if (reason !== undefined) {
      throw new FlatnetError('unsupported', `Cannot do option "${name}" of ${where}`, { details: reason });
    }
    const sysctl = sysctlOf(name);
    if (sysctl !== undefined) {
      settings = { ...settings, sysctls: { ...settings.sysctls, [sysctl]: value } };
      continue;
    }
    const option = entryOf(OPTIONS, name);
    if (option === undefined) throw unknownOption(name, where);
    if (inContainer && option.inContainer === undefined) {
      throw new FlatnetError('invalid', `Cannot set option "${name}" for one container of ${where}`, {
        details: `it is the network's: podman network create -d flatnet -o ${name}=${value} ...`,
      });
    }
    if (!inContainer && option.isOfContainer === true) {
      throw new FlatnetError('invalid', `Cannot set option "${name}" for ${where}`, {
        details: `it is one container's: podman run --network NAME:${name}=${value} ...`,
      });
    }
    const read = option.read(value);
    if ('expected' in read) throw invalidValue(`options.${name}`, value, { expected: read.expected, where });
    settings = { ...settings, ...read };
  }
  return settings;
}
