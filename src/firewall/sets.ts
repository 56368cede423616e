/** Maps of published ports, per family: on every address of the host, and on one. */
export const PORT_MAPS = ['ports4', 'ports6', 'bound4', 'bound6'] as const;

/** Name of one of the port maps. */
export type PortMap = (typeof PORT_MAPS)[number];

/** Published ports that another attachment of the same container carries; they take over when that one goes. */
export const WAITING_SETS = ['waiting4', 'waiting6'] as const;

/** Name of one of those sets. */
export type WaitingSet = (typeof WAITING_SETS)[number];

/** Sets of the table that watches what enters bridges. */
export const SPOOF_NAMES = ['guarded', 'macs', 'arp4', 'nd6', 'targets6'] as const;

/** Sets of attachments: their elements bear the name of their owner's host link. */
export const OWNED_SETS = [...PORT_MAPS, ...WAITING_SETS, ...SPOOF_NAMES] as const;

/** Sets of networks: the first part of their elements is a bridge. */
export const SHARED_SETS = ['hairpin4', 'hairpin6', 'loopback', 'loops', 'isolated', 'internal'] as const;

/** Sets that follow from the published ports: what is published, where it leads, and by which host links (port-index.ts). */
export const INDEX_SETS = ['served', 'reached4', 'reached6', 'publishers'] as const;

/** Sets of the host's own addresses, and of the broadcast addresses of its subnets. */
export const LOCAL_SETS = ['local4', 'local6', 'broadcast4'] as const;

/** Name of a set or map. */
export type SetName = (
  typeof OWNED_SETS | typeof SHARED_SETS | typeof INDEX_SETS | typeof LOCAL_SETS
)[number];

/** Types of the parts of an element; `@th,64,128` is 16 bytes of a packet, from the 8th after its network header on. */
export type FieldType =
  'inet_proto' | 'inet_service' | 'ipv4_addr' | 'ipv6_addr' | 'ifname' | 'ether_addr' | '@th,64,128';

/** What the elements of a set or map look like. */
export interface SetType {
  readonly key: readonly FieldType[];
  /** Of a map. */
  readonly value?: readonly FieldType[];
  /** `interval`: elements are subnets. `dynamic`: packets add and remove elements. */
  readonly flags?: 'interval' | 'dynamic';
}

/** What one of flatnet's functions needs of the packet filter: sets and chains that are made when it is first used. */
export type Group = 'ports' | 'isolation' | 'spoof';

type Sets = Readonly<Record<string, SetType>>;

const PORT_SETS = {
  ports4: { key: ['inet_proto', 'inet_service'], value: ['ipv4_addr', 'inet_service'] },
  ports6: { key: ['inet_proto', 'inet_service'], value: ['ipv6_addr', 'inet_service'] },
  bound4: { key: ['inet_proto', 'ipv4_addr', 'inet_service'], value: ['ipv4_addr', 'inet_service'] },
  bound6: { key: ['inet_proto', 'ipv6_addr', 'inet_service'], value: ['ipv6_addr', 'inet_service'] },
  // The address and port of the host, 0.0.0.0 or :: for all, then those of the container.
  waiting4: { key: ['inet_proto', 'ipv4_addr', 'inet_service', 'ipv4_addr', 'inet_service'] },
  waiting6: { key: ['inet_proto', 'ipv6_addr', 'inet_service', 'ipv6_addr', 'inet_service'] },
  served: { key: ['inet_proto', 'inet_service'] },
  reached4: { key: ['ipv4_addr'] },
  reached6: { key: ['ipv6_addr'] },
  publishers: { key: ['ifname'] },
  local4: { key: ['ipv4_addr'], flags: 'dynamic' },
  local6: { key: ['ipv6_addr'], flags: 'dynamic' },
  broadcast4: { key: ['ipv4_addr'] },
  // Pairs of a subnet with itself.
  hairpin4: { key: ['ifname', 'ipv4_addr', 'ipv4_addr'], flags: 'interval' },
  hairpin6: { key: ['ifname', 'ipv6_addr', 'ipv6_addr'], flags: 'interval' },
  // Bridges with route_localnet.
  loopback: { key: ['ifname'] },
} as const satisfies Sets;

const ISOLATION_SETS = {
  // Pairs of a bridge with itself.
  loops: { key: ['ifname', 'ifname'] },
  isolated: { key: ['ifname'] },
  internal: { key: ['ifname'] },
} as const satisfies Sets;

const SPOOF_SETS = {
  guarded: { key: ['ifname'] },
  macs: { key: ['ifname', 'ether_addr'] },
  // Addresses: what ARP, neighbour discovery and packets may come from.
  arp4: { key: ['ifname', 'ipv4_addr'] },
  nd6: { key: ['ifname', 'ipv6_addr'] },
  // The target of a neighbour advertisement, which nft of Debian 12 has no name for.
  targets6: { key: ['ifname', '@th,64,128'] },
} as const satisfies Sets;

const TYPES: Readonly<Record<SetName, SetType>> = { ...PORT_SETS, ...ISOLATION_SETS, ...SPOOF_SETS };
const GROUPS: Readonly<Record<Group, Sets>> = {
  ports: PORT_SETS,
  isolation: ISOLATION_SETS,
  spoof: SPOOF_SETS,
};

/** A set that packets add to needs a limit: an attacker must not fill the memory. */
export const DYNAMIC_SIZE = 65_536;

/** A part without a type of its own is named by where it comes from, and then its neighbour is too. */
function declareType({ key, value, flags }: SetType): string {
  const fields = key.join(' . ');
  const type = key.includes('@th,64,128')
    ? `typeof ${fields.replace('ifname', 'iifname')}`
    : `type ${fields}`;
  const size = flags === 'dynamic' ? ` size ${DYNAMIC_SIZE};` : '';
  return `${type}${value === undefined ? '' : ` : ${value.join(' . ')}`};${flags === undefined ? '' : ` flags ${flags};`}${size}`;
}

/** Makes a table and the sets of a group; those that are there stay as they are. */
export function planSets(table: string, group: Group): readonly string[] {
  return [
    `add table ${table}`,
    ...Object.entries(GROUPS[group]).map(([name, type]) => {
      return `add ${type.value === undefined ? 'set' : 'map'} ${table} ${name} { ${declareType(type)} }`;
    }),
  ];
}

/** What the elements of a set look like. */
export function typeOf(set: SetName): SetType {
  return TYPES[set];
}

/** The group that a set belongs to. */
export function groupOf(set: SetName): Group {
  if (set in SPOOF_SETS) return 'spoof';
  return set in ISOLATION_SETS ? 'isolation' : 'ports';
}

/** True for sets of the table that watches what enters bridges. */
export function isSpoofSet(set: SetName): boolean {
  return groupOf(set) === 'spoof';
}
