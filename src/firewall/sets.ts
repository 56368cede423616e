/** By family: on all addresses of the host, and on one. */
export const PORT_MAPS = ['ports4', 'ports6', 'bound4', 'bound6'] as const;

export type PortMap = (typeof PORT_MAPS)[number];

/** Ports currently published by another attachment of the same container; they take over when it goes. */
export const WAITING_SETS = ['waiting4', 'waiting6'] as const;

export type WaitingSet = (typeof WAITING_SETS)[number];

export const SPOOF_NAMES = ['guarded', 'macs', 'arp4', 'nd6', 'targets6'] as const;

/** An element's comment is the host link of its owner. */
export const OWNED_SETS = [...PORT_MAPS, ...WAITING_SETS, ...SPOOF_NAMES] as const;

/** Elements start with a bridge. */
export const SHARED_SETS = [
  'hairpin4',
  'hairpin6',
  'loopback',
  'masqall4',
  'masqall6',
  'loops',
  'isolated',
  'internal',
] as const;

/** Where questions about names go, by family; derived from the zones that are served (names-port.ts). */
export const NAMES_SETS = ['names4', 'names6'] as const;

/** Derived from the published ports: host ports, target addresses and host links (port-index.ts). */
export const INDEX_SETS = ['served', 'reached4', 'reached6', 'publishers'] as const;

/** The host's own addresses, and its broadcast addresses. */
export const LOCAL_SETS = ['local4', 'local6', 'broadcast4'] as const;

export type SetName = (
  typeof OWNED_SETS | typeof SHARED_SETS | typeof NAMES_SETS | typeof INDEX_SETS | typeof LOCAL_SETS
)[number];

/** `@th,64,128` is 16 bytes of a packet, starting 8 bytes into the transport header. */
export type FieldType =
  'inet_proto' | 'inet_service' | 'ipv4_addr' | 'ipv6_addr' | 'ifname' | 'ether_addr' | '@th,64,128';

export interface SetType {
  readonly key: readonly FieldType[];
  readonly value?: readonly FieldType[];
  /** `interval`: elements are subnets. `dynamic`: rules add and remove elements. */
  readonly flags?: 'interval' | 'dynamic';
}

/** Sets and chains that belong together, created when a network first needs them. */
export type Group = 'ports' | 'masqall' | 'names' | 'isolation' | 'spoof';

type Sets = Readonly<Record<string, SetType>>;

const PORT_SETS = {
  ports4: { key: ['inet_proto', 'inet_service'], value: ['ipv4_addr', 'inet_service'] },
  ports6: { key: ['inet_proto', 'inet_service'], value: ['ipv6_addr', 'inet_service'] },
  bound4: { key: ['inet_proto', 'ipv4_addr', 'inet_service'], value: ['ipv4_addr', 'inet_service'] },
  bound6: { key: ['inet_proto', 'ipv6_addr', 'inet_service'], value: ['ipv6_addr', 'inet_service'] },
  // Address (0.0.0.0 or :: for all) and port of the host, then of the container.
  waiting4: { key: ['inet_proto', 'ipv4_addr', 'inet_service', 'ipv4_addr', 'inet_service'] },
  waiting6: { key: ['inet_proto', 'ipv6_addr', 'inet_service', 'ipv6_addr', 'inet_service'] },
  served: { key: ['inet_proto', 'inet_service'] },
  reached4: { key: ['ipv4_addr'] },
  reached6: { key: ['ipv6_addr'] },
  publishers: { key: ['ifname'] },
  local4: { key: ['ipv4_addr'], flags: 'dynamic' },
  local6: { key: ['ipv6_addr'], flags: 'dynamic' },
  broadcast4: { key: ['ipv4_addr'] },
  // The same subnet twice, to match source and destination.
  hairpin4: { key: ['ifname', 'ipv4_addr', 'ipv4_addr'], flags: 'interval' },
  hairpin6: { key: ['ifname', 'ipv6_addr', 'ipv6_addr'], flags: 'interval' },
  // Bridges with route_localnet.
  loopback: { key: ['ifname'] },
} as const satisfies Sets;

const MASQALL_SETS = {
  masqall4: { key: ['ifname', 'ipv4_addr'], flags: 'interval' },
  masqall6: { key: ['ifname', 'ipv6_addr'], flags: 'interval' },
} as const satisfies Sets;

const NAMES_PORT_SETS = {
  // The link of those who ask and the bridge's address, then the server's.
  names4: {
    key: ['ifname', 'ipv4_addr', 'inet_proto', 'inet_service'],
    value: ['ipv4_addr', 'inet_service'],
  },
  names6: {
    key: ['ifname', 'ipv6_addr', 'inet_proto', 'inet_service'],
    value: ['ipv6_addr', 'inet_service'],
  },
} as const satisfies Sets;

const ISOLATION_SETS = {
  // The same bridge twice, to match input and output.
  loops: { key: ['ifname', 'ifname'] },
  isolated: { key: ['ifname'] },
  internal: { key: ['ifname'] },
} as const satisfies Sets;

const SPOOF_SETS = {
  guarded: { key: ['ifname'] },
  macs: { key: ['ifname', 'ether_addr'] },
  // Permitted sources of ARP, neighbour discovery and IP packets.
  arp4: { key: ['ifname', 'ipv4_addr'] },
  nd6: { key: ['ifname', 'ipv6_addr'] },
  // The target of a neighbour advertisement; nft 1.0.6 has no name for it.
  targets6: { key: ['ifname', '@th,64,128'] },
} as const satisfies Sets;

const TYPES: Readonly<Record<SetName, SetType>> = {
  ...PORT_SETS,
  ...MASQALL_SETS,
  ...NAMES_PORT_SETS,
  ...ISOLATION_SETS,
  ...SPOOF_SETS,
};
const GROUPS: Readonly<Record<Group, Sets>> = {
  ports: PORT_SETS,
  masqall: MASQALL_SETS,
  names: NAMES_PORT_SETS,
  isolation: ISOLATION_SETS,
  spoof: SPOOF_SETS,
};

/** Limits how many addresses an attacker can add through rules. */
export const DYNAMIC_SIZE = 65_536;

/** A raw payload has no type: the set is declared with `typeof`, which then names every part by its source. */
function declareType({ key, value, flags }: SetType): string {
  const fields = key.join(' . ');
  const type = key.includes('@th,64,128')
    ? `typeof ${fields.replace('ifname', 'iifname')}`
    : `type ${fields}`;
  const size = flags === 'dynamic' ? ` size ${DYNAMIC_SIZE};` : '';
  return `${type}${value === undefined ? '' : ` : ${value.join(' . ')}`};${flags === undefined ? '' : ` flags ${flags};`}${size}`;
}

/** Existing sets stay unchanged. */
export function planSets(table: string, group: Group): readonly string[] {
  return [
    `add table ${table}`,
    ...Object.entries(GROUPS[group]).map(([name, type]) => {
      return `add ${type.value === undefined ? 'set' : 'map'} ${table} ${name} { ${declareType(type)} }`;
    }),
  ];
}

export function typeOf(set: SetName): SetType {
  return TYPES[set];
}

export function groupOf(set: SetName): Group {
  if (set in SPOOF_SETS) return 'spoof';
  if (set in MASQALL_SETS) return 'masqall';
  if (set in NAMES_PORT_SETS) return 'names';
  return set in ISOLATION_SETS ? 'isolation' : 'ports';
}

export function isSpoofSet(set: SetName): boolean {
  return groupOf(set) === 'spoof';
}
