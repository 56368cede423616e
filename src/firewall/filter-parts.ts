export type Feature =
  'masquerade' | 'outbound' | 'ports' | 'names' | 'isolation' | 'spoof-bridge' | 'spoof-netdev';

/** A part of nftables. `tryIn` has lines that need no other part, so that the kernel's answer decides (features.ts). */
interface Part {
  readonly name: string;
  readonly module: string;
  /** @param table name of a table that does not exist. */
  readonly tryIn: (table: string) => readonly string[];
}

function inChain(hook: string, ...rules: readonly string[]): Part['tryIn'] {
  return (name) => [
    `add table inet ${name}`,
    `add chain inet ${name} probe { ${hook}; }`,
    ...rules.map((rule) => `add rule inet ${name} probe ${rule}`),
  ];
}

function inSet(declaration: string): Part['tryIn'] {
  return (name) => [`add table inet ${name}`, `add set inet ${name} probe { ${declaration} }`];
}

function inFamily(family: string, hook: string): Part['tryIn'] {
  return (name) => [`add table ${family} ${name}`, `add chain ${family} ${name} probe { ${hook}; }`];
}

const FORWARD = 'type filter hook forward priority 0';
const PREROUTING = 'type nat hook prerouting priority -100';
const POSTROUTING = 'type nat hook postrouting priority 100';
const CONFIG = (name: string) => `nf_tables with CONFIG_NF_TABLES_${name}`;

export const PARTS = {
  tables: {
    name: 'tables of family "inet"',
    module: 'nf_tables',
    tryIn: (name) => [`add table inet ${name}`],
  },
  natChain: { name: 'chains of type "nat"', module: 'nft_chain_nat', tryIn: inChain(POSTROUTING) },
  masquerade: { name: '"masquerade"', module: 'nft_masq', tryIn: inChain(POSTROUTING, 'masquerade') },
  snat: { name: '"snat"', module: 'nft_nat', tryIn: inChain(POSTROUTING, 'snat ip to 127.0.0.1') },
  dnat: { name: '"dnat"', module: 'nft_nat', tryIn: inChain(PREROUTING, 'dnat ip to 127.0.0.1') },
  ct: { name: '"ct"', module: 'nft_ct', tryIn: inChain(FORWARD, 'ct state new') },
  spans: {
    name: 'sets of concatenated intervals',
    module: 'nf_tables',
    tryIn: inSet('type ipv4_addr . ipv4_addr; flags interval;'),
  },
  dynamic: {
    name: 'dynamic sets',
    module: 'nf_tables',
    tryIn: (name) => [
      ...inSet('type ipv4_addr; flags dynamic; size 16;')(name),
      ...inChain(FORWARD, 'add @probe { ip daddr }', 'delete @probe { ip daddr }')(name),
    ],
  },
  bridge: {
    name: 'tables of family "bridge"',
    module: CONFIG('BRIDGE'),
    tryIn: inFamily('bridge', 'type filter hook prerouting priority -300'),
  },
  netdev: {
    name: 'tables of family "netdev"',
    module: CONFIG('NETDEV'),
    tryIn: inFamily('netdev', 'type filter hook ingress device "lo" priority -300'),
  },
} as const satisfies Readonly<Record<string, Part>>;

export type PartName = keyof typeof PARTS;

/** Most basic parts first. */
export const NEEDS: Readonly<Record<Feature, readonly PartName[]>> = {
  masquerade: ['tables', 'natChain', 'masquerade'],
  outbound: ['tables', 'natChain', 'snat'],
  ports: ['tables', 'natChain', 'dnat', 'masquerade', 'ct', 'spans', 'dynamic'],
  names: ['tables', 'natChain', 'dnat'],
  isolation: ['tables'],
  'spoof-bridge': ['tables', 'bridge'],
  'spoof-netdev': ['tables', 'netdev'],
};
