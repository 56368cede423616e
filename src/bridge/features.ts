import { moduleRemedy } from '../sys/kernel-release.ts';
import { bootId } from '../sys/proc.ts';
import { forgetMark, readMark, tryWriteMark } from '../sys/marks.ts';
import { nft } from '../sys/nft.ts';
import { CommandError } from '../sys/run.ts';
import type { Group } from './sets.ts';

/*
 * What the kernel's packet filter can do differs: WSL's kernels lack whole families of tables, others lack modules. Each
 * function is probed by a check run of nft (`nft -c`: the kernel judges it, nothing stays) before it is first used, once
 * a boot. What a kernel lacks costs the functions that need it, and no others.
 */

/** A function of flatnet that the kernel's packet filter has to provide. */
export type Feature = 'masquerade' | 'ports' | 'isolation' | 'spoof-bridge' | 'spoof-netdev';

/** A part of the packet filter, and lines of nft that need nothing else. */
interface Part {
  /** As a person would look for it. */
  readonly name: string;
  /** Kernel module that has it. */
  readonly module: string;
  /** @param table in which to try it; it is not there yet. */
  readonly tryIn: (table: string) => readonly string[];
}

/** Tries rules in a base chain of family inet. */
function inChain(hook: string, ...rules: readonly string[]): Part['tryIn'] {
  return (name) => [
    `add table inet ${name}`,
    `add chain inet ${name} probe { ${hook}; }`,
    ...rules.map((rule) => `add rule inet ${name} probe ${rule}`),
  ];
}

/** Tries a set of family inet. */
function inSet(declaration: string): Part['tryIn'] {
  return (name) => [`add table inet ${name}`, `add set inet ${name} probe { ${declaration} }`];
}

/** Tries a base chain of another family. */
function inFamily(family: string, hook: string): Part['tryIn'] {
  return (name) => [`add table ${family} ${name}`, `add chain ${family} ${name} probe { ${hook}; }`];
}

const FORWARD = 'type filter hook forward priority 0';
const PREROUTING = 'type nat hook prerouting priority -100';
const POSTROUTING = 'type nat hook postrouting priority 100';
const CONFIG = (name: string) => `nf_tables with CONFIG_NF_TABLES_${name}`;

const PARTS = {
  tables: {
    name: 'tables of family "inet"',
    module: 'nf_tables',
    tryIn: (name) => [`add table inet ${name}`],
  },
  natChain: { name: 'chains of type "nat"', module: 'nft_chain_nat', tryIn: inChain(POSTROUTING) },
  masquerade: { name: '"masquerade"', module: 'nft_masq', tryIn: inChain(POSTROUTING, 'masquerade') },
  dnat: { name: '"dnat"', module: 'nft_nat', tryIn: inChain(PREROUTING, 'dnat ip to 127.0.0.1') },
  ct: { name: '"ct"', module: 'nft_ct', tryIn: inChain(FORWARD, 'ct state new') },
  spans: {
    name: 'sets of several intervals',
    module: 'nf_tables',
    tryIn: inSet('type ipv4_addr . ipv4_addr; flags interval;'),
  },
  dynamic: {
    name: 'sets that packets add to',
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

type PartName = keyof typeof PARTS;

/** The parts that each function needs, the most basic first. */
const NEEDS: Readonly<Record<Feature, readonly PartName[]>> = {
  masquerade: ['tables', 'natChain', 'masquerade'],
  ports: ['tables', 'natChain', 'dnat', 'masquerade', 'ct', 'spans', 'dynamic'],
  isolation: ['tables'],
  'spoof-bridge': ['tables', 'bridge'],
  'spoof-netdev': ['tables', 'netdev'],
};

/** What a function is called in messages, by the key that asks for it. */
const NAMES: Readonly<Record<Feature, string>> = {
  masquerade: 'masquerade ("ipMasq")',
  ports: 'publish ports',
  isolation: 'isolate networks ("internal", "ingressPolicy")',
  'spoof-bridge': 'hold containers to their addresses ("macspoofchk")',
  'spoof-netdev': 'hold containers to their addresses ("macspoofchk")',
};

/** All functions that are probed. */
export const FEATURES: readonly Feature[] = [
  'masquerade',
  'ports',
  'isolation',
  'spoof-bridge',
  'spoof-netdev',
];

/** A function that the kernel cannot provide. `message` says which and why, `remedy` what to do. */
export class FeatureMissingError extends Error {
  readonly feature: Feature;
  readonly remedy: string;

  constructor(feature: Feature, missing: string) {
    super(`Cannot ${NAMES[feature]}: the kernel lacks ${missing}`);
    this.name = 'FeatureMissingError';
    this.feature = feature;
    const module = /\((\w+)/.exec(missing)?.[1] ?? 'nf_tables';
    this.remedy = `${moduleRemedy([module])}; or leave that key out of the network`;
  }
}

/** nft about lines that the kernel does not know; not about a caller who may not ask, or a lack of memory. */
const REFUSED =
  /Could not process rule: (No such file or directory|(Operation|Protocol|Address family) not supported)/;

/** Whether the kernel takes these lines. */
async function isTaken(lines: readonly string[], signal?: AbortSignal): Promise<boolean> {
  try {
    await nft(lines, signal, ['-c']);
    return true;
  } catch (error) {
    if (error instanceof CommandError && REFUSED.test(error.completed.stderr)) return false;
    throw error;
  }
}

function linesOf(parts: readonly PartName[]): readonly string[] {
  return parts.flatMap((part) => PARTS[part].tryIn(`flatnet-probe-${part}`));
}

/**
 * Asks the kernel, whatever is remembered: in one run of nft, and in one for each part only where that is refused.
 *
 * @returns what is missing, as a person would look for it; `undefined` when the function works.
 */
export async function probeFeature(feature: Feature, signal?: AbortSignal): Promise<string | undefined> {
  const parts = NEEDS[feature];
  if (await isTaken(linesOf(parts), signal)) return undefined;
  for (const part of parts) {
    const { name, module } = PARTS[part];
    if (!(await isTaken(linesOf([part]), signal))) return `nftables' ${name} (${module})`;
  }
  return 'a combination of what it has';
}

function markOf(feature: Feature): string {
  return `feature-${feature}`;
}

/** Whether a function was seen to work since this boot. */
function isKnown(feature: Feature): boolean {
  return readMark(markOf(feature)) === bootId();
}

/** Asks the kernel, and remembers until the next boot that it can do something; what it cannot, a module may bring. */
export async function refreshFeature(feature: Feature, signal?: AbortSignal): Promise<string | undefined> {
  const missing = await probeFeature(feature, signal);
  if (missing === undefined) tryWriteMark(markOf(feature), bootId());
  else forgetMark(markOf(feature));
  return missing;
}

/**
 * Sees to it that the kernel can do something, before it is asked to; once a boot it is probed.
 *
 * @throws FeatureMissingError
 */
export async function requireFeature(feature: Feature, signal?: AbortSignal): Promise<void> {
  if (isKnown(feature)) return;
  const missing = await refreshFeature(feature, signal);
  if (missing !== undefined) throw new FeatureMissingError(feature, missing);
}

/** Where containers are held to their own addresses: in one table for all bridges, or at the ingress of each link. */
export type SpoofForm = 'bridge' | 'netdev';

/**
 * The form in which this kernel can hold containers to their addresses.
 *
 * @throws FeatureMissingError
 */
export async function requireSpoof(signal?: AbortSignal): Promise<SpoofForm> {
  if (isKnown('spoof-bridge')) return 'bridge';
  if (isKnown('spoof-netdev')) return 'netdev';
  if ((await refreshFeature('spoof-bridge', signal)) === undefined) return 'bridge';
  await requireFeature('spoof-netdev', signal);
  return 'netdev';
}

/** The form that `requireSpoof` has found since this boot. No process. */
export function spoofForm(): SpoofForm {
  return !isKnown('spoof-bridge') && isKnown('spoof-netdev') ? 'netdev' : 'bridge';
}

const FEATURE_OF = { ports: 'ports', isolation: 'isolation', spoof: 'spoof-bridge' } as const;

/** As `requireFeature`, for all that these groups of sets and chains need. */
export async function requireGroups(groups: ReadonlySet<Group>, signal?: AbortSignal): Promise<void> {
  for (const group of groups) await requireFeature(FEATURE_OF[group], signal);
}
