/** Maps of published ports, per family: those of every address of the host, and those bound to one. */
const PORT_MAPS = ['ports4', 'ports6', 'bound4', 'bound6'] as const;

/** Name of one of the port maps. */
export type PortMap = (typeof PORT_MAPS)[number];

/** Sets of the table that watches what enters bridges. */
const SPOOF_NAMES = ['guarded', 'macs', 'arp4', 'nd6', 'targets6'] as const;

/** Sets of attachments: their elements bear their owner's name. */
export const OWNED_SETS = [...PORT_MAPS, ...SPOOF_NAMES] as const;

/** Sets of networks: the first part of their elements is a bridge. */
export const SHARED_SETS = ['hairpin4', 'hairpin6', 'loopback', 'loops', 'isolated', 'internal'] as const;

/** Name of a set or map. */
export type SetName = (typeof OWNED_SETS | typeof SHARED_SETS)[number];

/** Types of the parts of an element; `@th,64,128` is 16 bytes of a packet, from the 8th after its network header on. */
export type FieldType =
  'inet_proto' | 'inet_service' | 'ipv4_addr' | 'ipv6_addr' | 'ifname' | 'ether_addr' | '@th,64,128';

/** What the elements of a set or map look like. */
export interface SetType {
  readonly key: readonly FieldType[];
  /** Of a map. */
  readonly value?: readonly FieldType[];
  /** Whether elements are subnets. */
  readonly isInterval?: boolean;
}

/** Those of the table `inet flatnet`. */
export const SETS: Readonly<Record<PortMap | (typeof SHARED_SETS)[number], SetType>> = {
  ports4: { key: ['inet_proto', 'inet_service'], value: ['ipv4_addr', 'inet_service'] },
  ports6: { key: ['inet_proto', 'inet_service'], value: ['ipv6_addr', 'inet_service'] },
  bound4: { key: ['inet_proto', 'ipv4_addr', 'inet_service'], value: ['ipv4_addr', 'inet_service'] },
  bound6: { key: ['inet_proto', 'ipv6_addr', 'inet_service'], value: ['ipv6_addr', 'inet_service'] },
  // Pairs of a subnet with itself.
  hairpin4: { key: ['ifname', 'ipv4_addr', 'ipv4_addr'], isInterval: true },
  hairpin6: { key: ['ifname', 'ipv6_addr', 'ipv6_addr'], isInterval: true },
  // Bridges with route_localnet.
  loopback: { key: ['ifname'] },
  // Pairs of a bridge with itself.
  loops: { key: ['ifname', 'ifname'] },
  isolated: { key: ['ifname'] },
  internal: { key: ['ifname'] },
};

/** Those of the table `bridge flatnet`. */
export const SPOOF_SETS: Readonly<Record<(typeof SPOOF_NAMES)[number], SetType>> = {
  guarded: { key: ['ifname'] },
  macs: { key: ['ifname', 'ether_addr'] },
  // Addresses: what ARP, neighbour discovery and packets may come from.
  arp4: { key: ['ifname', 'ipv4_addr'] },
  nd6: { key: ['ifname', 'ipv6_addr'] },
  // The target of a neighbour advertisement, which nft of Debian 12 has no name for.
  targets6: { key: ['ifname', '@th,64,128'] },
};

/** A part without a type of its own is named by where it comes from, and then its neighbour is too. */
function declareType({ key, value, isInterval }: SetType): string {
  const fields = key.join(' . ');
  const type = key.includes('@th,64,128')
    ? `typeof ${fields.replace('ifname', 'iifname')}`
    : `type ${fields}`;
  return `${type}${value === undefined ? '' : ` : ${value.join(' . ')}`};${isInterval === true ? ' flags interval;' : ''}`;
}

/** Makes a table and its sets; those that are there stay as they are. */
export function planSets(table: string, sets: Readonly<Record<string, SetType>>): readonly string[] {
  return [
    `add table ${table}`,
    ...Object.entries(sets).map(([name, type]) => {
      return `add ${type.value === undefined ? 'set' : 'map'} ${table} ${name} { ${declareType(type)} }`;
    }),
  ];
}

/** What the elements of a set look like. */
export function typeOf(set: SetName): SetType {
  return { ...SETS, ...SPOOF_SETS }[set];
}

/** True for sets of the table that watches what enters bridges. */
export function isSpoofSet(set: SetName): boolean {
  return SPOOF_NAMES.some((name) => name === set);
}
