import type { Group } from './sets.ts';

/** A chain of flatnet's own. */
export interface Chain {
  readonly name: string;
  /** Absent: a chain that others jump to. */
  readonly hook?: string;
  readonly rules: readonly string[];
}

/*
 * Which addresses are the host's. nft can ask the routing table (`fib`), but kernels before 6.6.114 of WSL cannot, so the
 * rules keep sets of them: filled by every ADD and DEL with published ports around and by `flatnet reload`, and corrected
 * by what the kernel does with packets in between. One that reaches INPUT was sent to an address of the host; one that is
 * forwarded, or leaves by another link than lo, was not. The first connection to a published port of an address that is
 * new is dropped, so that the client's next attempt (TCP: a second later) finds the port; accepting it would end at the
 * host. Packets with a mark are left out: a transparent proxy has them delivered to the host, whatever their destination.
 */
const NOT_LEARNED = {
  ip: 'ip daddr != { 127.0.0.0/8, 224.0.0.0/4, 255.255.255.255 } ip daddr != @broadcast4',
  ip6: 'ip6 daddr != { ::1, ff00::/8 }',
} as const;
const LOCAL = { ip: 'local4', ip6: 'local6' } as const;
const FAMILIES = ['ip', 'ip6'] as const;

function learnRules(family: 'ip' | 'ip6'): readonly string[] {
  const [set, daddr] = [LOCAL[family], `${family} daddr`];
  const unknown = `iifname != "lo" meta mark 0 meta pkttype host ct state new ${daddr} != @${set} ${NOT_LEARNED[family]}`;
  const learn = `add @${set} { ${daddr} }`;
  return [`${unknown} meta l4proto . th dport @served ${learn} drop`, `${unknown} ${learn}`];
}

/** A rule that forgets the destination of packets for which `sentElsewhere` holds. */
function forgetRules(sentElsewhere: string): readonly string[] {
  return FAMILIES.map((family) => {
    const [set, daddr] = [LOCAL[family], `${family} daddr`];
    return `${sentElsewhere}ct state new ${daddr} @${set} delete @${set} { ${daddr} }`;
  });
}

/** `dstnat` is a name that nft of Debian 12 knows in prerouting only; its value is -100. */
const PORT_CHAINS: readonly Chain[] = [
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
    // 127.0.0.0/8 is in neither set: a neighbour on the LAN can send packets to it, and ports of 127.0.0.1 are the host's alone.
    name: 'ports-in',
    hook: 'type nat hook prerouting priority -100',
    rules: ['ip daddr @local4 jump ports', 'ip6 daddr @local6 jump ports'],
  },
  {
    // What the host sends to itself leaves by lo, 127.0.0.0/8 included; in WSL's mirrored mode the latter leaves by
    // loopback0, and Windows answers it.
    name: 'ports-out',
    hook: 'type nat hook output priority -100',
    rules: ['oifname "lo" jump ports'],
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
    // Before the host's own filter, which knows nothing of published ports.
    name: 'addresses-in',
    hook: 'type filter hook input priority -150',
    rules: FAMILIES.flatMap(learnRules),
  },
  {
    name: 'addresses-forward',
    hook: 'type filter hook forward priority -150',
    // With br_netfilter loaded, what a bridge only switches comes by here too, and says nothing of the host's addresses.
    rules: ['meta iifkind "bridge" meta oifkind "bridge" accept', ...forgetRules('')],
  },
  {
    name: 'addresses-out',
    hook: 'type filter hook output priority -150',
    rules: forgetRules('oifname != "lo" '),
  },
];

const ISOLATION_CHAINS: readonly Chain[] = [
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
const SPOOF_RULES: readonly string[] = [
  'iifname != @guarded accept',
  'ether type { 8021q, 8021ad } drop',
  'iifname . ether saddr != @macs drop',
  'ether type arp iifname . arp saddr ether != @macs drop',
  'ether type arp arp saddr ip != 0.0.0.0 iifname . arp saddr ip != @arp4 drop',
  'ip saddr != 0.0.0.0 iifname . ip saddr != @arp4 drop',
  'ip6 saddr != :: iifname . ip6 saddr != @nd6 drop',
  'icmpv6 type { nd-router-advert, nd-redirect } drop',
  'icmpv6 type nd-neighbor-advert iifname . @th,64,128 != @targets6 drop',
];

const SPOOF_CHAIN: Chain = {
  name: 'spoof-check',
  hook: 'type filter hook prerouting priority -300',
  rules: SPOOF_RULES,
};

/** The chains of a group. All rules are here and are the same for every network: what differs are elements. */
export const CHAINS: Readonly<Record<Group, readonly Chain[]>> = {
  ports: PORT_CHAINS,
  isolation: ISOLATION_CHAINS,
  spoof: [SPOOF_CHAIN],
};

/** Lines that make a chain and give it these rules and no others. */
export function planChain(table: string, { name, hook, rules }: Chain): readonly string[] {
  return [
    `add chain ${table} ${name}${hook === undefined ? '' : ` { ${hook}; policy accept; }`}`,
    `flush chain ${table} ${name}`,
    ...rules.map((rule) => `add rule ${table} ${name} ${rule}`),
  ];
}
