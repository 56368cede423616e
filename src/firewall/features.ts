import type { Context } from '../sys/context.ts';
import { moduleRemedy } from '../sys/kernel-release.ts';
import { bootId } from '../sys/proc.ts';
import { forgetMark, readMark, tryWriteMark } from '../sys/files/marks.ts';
import { nft } from '../sys/process/nft.ts';
import { CommandError } from '../sys/process/run.ts';
import { type Feature, NEEDS, type PartName, PARTS } from './filter-parts.ts';
import type { SourceNat } from './masquerade.ts';
import type { Group } from './sets.ts';

/*
 * Kernels differ: those of WSL lack whole families of tables, others lack modules. `nft -c` probes each feature before
 * its first use, once per boot: the kernel judges the lines and keeps nothing. A missing part disables only the
 * features that need it.
 */

/** For messages, with the keys that request them. */
const NAMES: Readonly<Record<Feature, string>> = {
  masquerade: 'masquerade ("ipMasq")',
  outbound: 'choose the source address ("outbound_addr4", "outbound_addr6")',
  ports: 'publish ports',
  names: 'lead questions about names to their server ("names")',
  isolation: 'isolate networks ("internal", "ingressPolicy")',
  'spoof-bridge': 'check the source addresses of containers ("macspoofchk")',
  'spoof-netdev': 'check the source addresses of containers ("macspoofchk")',
};

export class FeatureMissingError extends Error {
  readonly feature: Feature;
  readonly remedy: string;

  constructor(feature: Feature, missing: string) {
    super(`Cannot ${NAMES[feature]}: the kernel lacks ${missing}`);
    this.name = 'FeatureMissingError';
    this.feature = feature;
    const module = /\((\w+)/.exec(missing)?.[1] ?? 'nf_tables';
    this.remedy = `${moduleRemedy([module])}; or leave that key out of the network's configuration`;
  }
}

/** nft's messages for lines unknown to the kernel, as opposed to a lack of permission or memory. */
const REFUSED =
  /Could not process rule: (No such file or directory|(Operation|Protocol|Address family) not supported)/;

async function isTaken(lines: readonly string[], ctx: Context): Promise<boolean> {
  try {
    await nft(lines, ctx, ['-c']);
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
 * Asks the kernel, ignoring earlier answers: in one run of nft, and after a refusal in one run per part.
 * @returns the missing part; `undefined` if the feature works.
 */
export async function probeFeature(feature: Feature, ctx: Context): Promise<string | undefined> {
  const parts = NEEDS[feature];
  if (await isTaken(linesOf(parts), ctx)) return undefined;
  for (const part of parts) {
    const { name, module } = PARTS[part];
    if (!(await isTaken(linesOf([part]), ctx))) return `nftables' ${name} (${module})`;
  }
  return 'this combination of parts of nftables (nf_tables)';
}

function markOf(feature: Feature): string {
  return `feature-${feature}`;
}

/** Whether the feature was found to work since boot. */
function isKnown(feature: Feature): boolean {
  return readMark(markOf(feature)) === bootId();
}

/** Asks the kernel. A yes is remembered until the next boot; a no is not, because a module may be loaded later. */
export async function refreshFeature(feature: Feature, ctx: Context): Promise<string | undefined> {
  const missing = await probeFeature(feature, ctx);
  if (missing === undefined) tryWriteMark(markOf(feature), bootId());
  else forgetMark(markOf(feature));
  return missing;
}

/** Probes once per boot. @throws FeatureMissingError */
export async function requireFeature(feature: Feature, ctx: Context): Promise<void> {
  if (isKnown(feature)) return;
  const missing = await refreshFeature(feature, ctx);
  if (missing !== undefined) throw new FeatureMissingError(feature, missing);
}

/** `requireFeature` for source NAT. @throws FeatureMissingError */
export async function requireNat(nat: readonly SourceNat[], ctx: Context): Promise<void> {
  if (nat.some(({ to }) => to === undefined)) await requireFeature('masquerade', ctx);
  if (nat.some(({ to }) => to !== undefined)) await requireFeature('outbound', ctx);
}

/** `bridge`: one table for all bridges; `netdev`: a chain at the ingress of each host link. */
export type SpoofForm = 'bridge' | 'netdev';

/** The supported form of the spoof check; probes once per boot. @throws FeatureMissingError */
export async function requireSpoof(ctx: Context): Promise<SpoofForm> {
  if (isKnown('spoof-bridge')) return 'bridge';
  if (isKnown('spoof-netdev')) return 'netdev';
  if ((await refreshFeature('spoof-bridge', ctx)) === undefined) return 'bridge';
  await requireFeature('spoof-netdev', ctx);
  return 'netdev';
}

/** The form that `requireSpoof` found since boot. Runs no process. */
export function spoofForm(): SpoofForm {
  return !isKnown('spoof-bridge') && isKnown('spoof-netdev') ? 'netdev' : 'bridge';
}

const FEATURE_OF = {
  ports: 'ports',
  masqall: 'ports',
  names: 'names',
  isolation: 'isolation',
  spoof: 'spoof-bridge',
} as const;

/** `requireFeature` for groups of sets and chains. @throws FeatureMissingError */
export async function requireGroups(groups: ReadonlySet<Group>, ctx: Context): Promise<void> {
  for (const group of groups) await requireFeature(FEATURE_OF[group], ctx);
}
