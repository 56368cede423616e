import type { Group } from './sets.ts';

export interface Chain {
  readonly name: string;
  /** Absent for the target of a jump. */
  readonly hook?: string;
  readonly rules: readonly string[];
}

/*
 * The sets of the host's addresses replace nftables' `fib`, which WSL kernels before 6.6.114 lack. ADD, DEL and
 * `flatnet reload` fill them while ports are published. In between, rules learn from packets: a packet that reaches
 * INPUT was sent to an address of the host; one that is forwarded, or leaves by a link other than lo, was not. The
 * first connection to a published port of a new address is dropped: accepted, it would end at the host; the client's
 * next attempt (TCP: a second later) reaches the container. Marked packets are not learned from: a transparent proxy
 * marks packets it has delivered to the host under any destination.
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

/** For packets that match `sentElsewhere`, forget the destination. */
function forgetRules(sentElsewhere: string): readonly string[] {
  return FAMILIES.map((family) => {
    const [set, daddr] = [LOCAL[family], `${family} daddr`];
    return `${sentElsewhere}ct state new ${daddr} @${set} delete @${set} { ${daddr} }`;
  });
}

/** Priority -100 is `dstnat`, a name that nft 1.0.6 knows in prerouting only. */
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
    // Neither set has 127.0.0.0/8: a neighbour on the LAN can send packets there, but ports of 127.0.0.1 are for the
    // host alone.
    name: 'ports-in',
    hook: 'type nat hook prerouting priority -100',
    rules: ['ip daddr @local4 jump ports', 'ip6 daddr @local6 jump ports'],
  },
  {
    // Packets of the host to itself leave by lo. In WSL's mirrored mode those for 127.0.0.0/8 leave by loopback0, and
    // Windows answers them.
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
    // route_localnet admits packets for 127.0.0.0/8 from the bridge; services of the host trust that address.
    name: 'loopback-guard',
    hook: 'type filter hook prerouting priority -300',
    rules: ['iifname @loopback ip daddr 127.0.0.0/8 drop'],
  },
  {
    // Before the host's own filter, which may drop packets to published ports.
    name: 'addresses-in',
    hook: 'type filter hook input priority -150',
    rules: FAMILIES.flatMap(learnRules),
  },
  {
    name: 'addresses-forward',
    hook: 'type filter hook forward priority -150',
    // br_netfilter also sends bridged packets through here, which say nothing about the host's addresses.
    rules: ['meta iifkind "bridge" meta oifkind "bridge" accept', ...forgetRules('')],
  },
  {
    name: 'addresses-out',
    hook: 'type filter hook output priority -150',
    rules: forgetRules('oifname != "lo" '),
  },
];

const MASQALL_CHAIN: Chain = {
  name: 'ports-masquerade',
  hook: 'type nat hook postrouting priority 100',
  rules: [
    'ct status dnat oifname . ip daddr @masqall4 masquerade',
    'ct status dnat oifname . ip6 daddr @masqall6 masquerade',
  ],
};

/**
 * Before every other translation, ours and that of other programs: the first chain that translates a connection decides,
 * and an element that leads to the port that was asked makes it pass the published ports by.
 */
const NAMES_CHAINS: readonly Chain[] = [
  {
    name: 'names-in',
    hook: 'type nat hook prerouting priority -101',
    rules: FAMILIES.map((family) => namesRule('iifname', family)),
  },
  {
    // The host's own questions leave by lo.
    name: 'names-out',
    hook: 'type nat hook output priority -101',
    rules: FAMILIES.map((family) => namesRule('oifname', family)),
  },
];

function namesRule(link: 'iifname' | 'oifname', family: 'ip' | 'ip6'): string {
  const set = family === 'ip' ? 'names4' : 'names6';
  return `dnat ${family} to ${link} . ${family} daddr . meta l4proto . th dport map @${set}`;
}

const ISOLATION_CHAINS: readonly Chain[] = [
  {
    // br_netfilter also sends packets through here that never leave their bridge.
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
 * 0.0.0.0 and :: are the sources of address discovery and claim nothing. VLAN tags are dropped because a receiver
 * ignores the tag of VLAN 0, while it hides the contents of the frame from the other rules.
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

/** Rules are the same for every network; only elements differ. */
export const CHAINS: Readonly<Record<Group, readonly Chain[]>> = {
  ports: PORT_CHAINS,
  masqall: [MASQALL_CHAIN],
  names: NAMES_CHAINS,
  isolation: ISOLATION_CHAINS,
  spoof: [SPOOF_CHAIN],
};

/** An existing chain gets exactly these rules. */
export function planChain(table: string, { name, hook, rules }: Chain): readonly string[] {
  return [
    `add chain ${table} ${name}${hook === undefined ? '' : ` { ${hook}; policy accept; }`}`,
    `flush chain ${table} ${name}`,
    ...rules.map((rule) => `add rule ${table} ${name} ${rule}`),
  ];
}
