import { isSpoofSet, planSets, type SetName, SETS, SPOOF_SETS } from './sets.ts';

/** The table that holds everything flatnet filters or translates. */
export const TABLE = 'inet flatnet';

/** Where packets that enter a bridge are checked for a forged source; made when a network first asks for it. */
export const SPOOF_TABLE = 'bridge flatnet';

/** One element of a set or map. */
export interface Element {
  readonly set: SetName;
  /** As nft prints it: `tcp . 8080`. */
  readonly key: string;
  /** Of a map: `10.87.1.2 . 80`. */
  readonly value?: string;
  /** Name of the host veth of the attachment it belongs to; absent: the network's. */
  readonly owner?: string;
}

/** A chain of flatnet's own. */
export interface Chain {
  readonly name: string;
  /** Absent: a chain that others jump to. */
  readonly hook?: string;
  readonly rules: readonly string[];
}

/** `dstnat` is a name that nft of Debian 12 knows in prerouting only; its value is -100. */
const CHAINS: readonly Chain[] = [
  {
    name: 'ports',
    rules: [
      'dnat ip to meta l4proto . ip daddr . th dport map @bound4',
      'dnat ip to meta l4proto . th dport map @ports4',
      'dnat ip6 to meta l4proto . ip6 daddr . th dport map @bound6',
      'dnat ip6 to meta l4proto . th dport map @ports6',
    ],
  },
  {
    name: 'ports-in',
    hook: 'type nat hook prerouting priority -100',
    rules: ['fib daddr type local jump ports'],
  },
  {
    name: 'ports-out',
    hook: 'type nat hook output priority -100',
    rules: ['fib daddr type local jump ports'],
  },
  {
    name: 'ports-hairpin',
    hook: 'type nat hook postrouting priority 100',
    rules: [
      'ct status dnat ip saddr 127.0.0.0/8 masquerade',
      'ct status dnat oifname . ip saddr . ip daddr @hairpin4 masquerade',
      'ct status dnat oifname . ip6 saddr . ip6 daddr @hairpin6 masquerade',
    ],
  },
  {
    // route_localnet lets a packet for 127.0.0.0/8 in from the bridge; the host's own services trust that address.
    name: 'loopback-guard',
    hook: 'type filter hook prerouting priority -300',
    rules: ['iifname @loopback ip daddr 127.0.0.0/8 drop'],
  },
  {
    // With br_netfilter loaded, what a bridge only switches comes by here too: it never left its bridge.
    name: 'isolation',
    hook: 'type filter hook forward priority 0',
    rules: [
      'iifname . oifname @loops accept',
      'iifname @internal drop',
      'oifname @internal drop',
      'iifname @isolated oifname @isolated drop',
    ],
  },
];

/**
 * 0.0.0.0 and :: are the sources of those who look for an address: they claim nothing. A tag of VLAN 0 is none to its
 * receiver, and hides from the other rules what is in the frame.
 */
const SPOOF_CHAIN: Chain = {
  name: 'spoof-check',
  hook: 'type filter hook prerouting priority -300',
  rules: [
    'iifname != @guarded accept',
    'ether type { 8021q, 8021ad } drop',
    'iifname . ether saddr != @macs drop',
    'ether type arp iifname . arp saddr ether != @macs drop',
    'ether type arp arp saddr ip != 0.0.0.0 iifname . arp saddr ip != @arp4 drop',
    'ip saddr != 0.0.0.0 iifname . ip saddr != @arp4 drop',
    'ip6 saddr != :: iifname . ip6 saddr != @nd6 drop',
    'icmpv6 type { nd-router-advert, nd-redirect } drop',
    'icmpv6 type nd-neighbor-advert iifname . @th,64,128 != @targets6 drop',
  ],
};

function planChain(table: string, { name, hook, rules }: Chain): readonly string[] {
  return [
    `add chain ${table} ${name}${hook === undefined ? '' : ` { ${hook}; policy accept; }`}`,
    `flush chain ${table} ${name}`,
    ...rules.map((rule) => `add rule ${table} ${name} ${rule}`),
  ];
}

/**
 * Makes the tables that these elements go into, whatever of them was there before; elements stay. All rules are
 * here and are the same for every network: what differs are elements, so that a thousand mappings are looked up as
 * fast as one.
 */
export function planTables(elements: readonly Element[]): readonly string[] {
  const main = [...planSets(TABLE, SETS), ...CHAINS.flatMap((chain) => planChain(TABLE, chain))];
  if (!elements.some(({ set }) => isSpoofSet(set))) return main;
  return [...main, ...planSets(SPOOF_TABLE, SPOOF_SETS), ...planChain(SPOOF_TABLE, SPOOF_CHAIN)];
}

/** The chains of the tables that these elements go into, table by table. */
export function chainsFor(elements: readonly Element[]): ReadonlyMap<string, readonly Chain[]> {
  const tables = new Map<string, readonly Chain[]>();
  if (elements.length > 0) tables.set(TABLE, CHAINS);
  if (elements.some(({ set }) => isSpoofSet(set))) tables.set(SPOOF_TABLE, [SPOOF_CHAIN]);
  return tables;
}

/** The table that a set is in. */
export function tableOf(set: SetName): string {
  return isSpoofSet(set) ? SPOOF_TABLE : TABLE;
}

/** Elements set by set, in the order in which the sets first appear. */
export function bySet(elements: readonly Element[]): ReadonlyMap<SetName, readonly Element[]> {
  const found = new Map<SetName, Element[]>();
  for (const element of elements) {
    const others = found.get(element.set);
    if (others === undefined) found.set(element.set, [element]);
    else others.push(element);
  }
  return found;
}

/** As nft prints it. */
export function formatElement({ key, value, owner }: Element): string {
  const comment = owner === undefined ? '' : ` comment "${owner}"`;
  return `${key}${comment}${value === undefined ? '' : ` : ${value}`}`;
}

/** An argument of a program holds at most 128 KiB. */
const ELEMENTS_PER_LINE = 500;

/** Removes elements; one that is not there is an error. */
export function planRemovals(elements: readonly Element[]): readonly string[] {
  return [...bySet(elements)].flatMap(([set, own]) => {
    const starts = own.map((_, at) => at).filter((at) => at % ELEMENTS_PER_LINE === 0);
    return starts.map((at) => {
      const keys = own.slice(at, at + ELEMENTS_PER_LINE).map(({ key }) => key);
      return `delete element ${tableOf(set)} ${set} { ${keys.join(', ')} }`;
    });
  });
}
