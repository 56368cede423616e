import type { Context } from '../sys/context.ts';
import { moduleRemedy } from '../sys/kernel-release.ts';
import { bootId } from '../sys/proc.ts';
import { forgetMark, readMark, tryWriteMark } from '../sys/files/marks.ts';
import { nft } from '../sys/process/nft.ts';
import { CommandError } from '../sys/process/run.ts';
import { type Feature, NEEDS, type PartName, PARTS } from './filter-parts.ts';
import type { Group } from './sets.ts';

/*
 * What the kernel's packet filter can do differs: WSL's kernels lack whole families of tables, others lack modules. Each
 * function is probed by a check run of nft (`nft -c`: the kernel judges it, nothing stays) before it is first used, once
 * a boot. What a kernel lacks costs the functions that need it, and no others.
 */

/** What a function is called in messages, by the key that asks for it. */
const NAMES: Readonly<Record<Feature, string>> = {
  masquerade: 'masquerade ("ipMasq")',
  ports: 'publish ports',
  isolation: 'isolate networks ("internal", "ingressPolicy")',
  'spoof-bridge': 'hold containers to their addresses ("macspoofchk")',
  'spoof-netdev': 'hold containers to their addresses ("macspoofchk")',
};

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
 * Asks the kernel, whatever is remembered: in one run of nft, and in one for each part only where that is refused.
 *
 * @returns what is missing, as a person would look for it; `undefined` when the function works.
 */
export async function probeFeature(feature: Feature, ctx: Context): Promise<string | undefined> {
  const parts = NEEDS[feature];
  if (await isTaken(linesOf(parts), ctx)) return undefined;
  for (const part of parts) {
    const { name, module } = PARTS[part];
    if (!(await isTaken(linesOf([part]), ctx))) return `nftables' ${name} (${module})`;
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
export async function refreshFeature(feature: Feature, ctx: Context): Promise<string | undefined> {
  const missing = await probeFeature(feature, ctx);
  if (missing === undefined) tryWriteMark(markOf(feature), bootId());
  else forgetMark(markOf(feature));
  return missing;
}

/**
 * Sees to it that the kernel can do something, before it is asked to; once a boot it is probed.
 *
 * @throws FeatureMissingError
 */
export async function requireFeature(feature: Feature, ctx: Context): Promise<void> {
  if (isKnown(feature)) return;
  const missing = await refreshFeature(feature, ctx);
  if (missing !== undefined) throw new FeatureMissingError(feature, missing);
}

/** Where containers are held to their own addresses: in one table for all bridges, or at the ingress of each link. */
export type SpoofForm = 'bridge' | 'netdev';

/**
 * The form in which this kernel can hold containers to their addresses.
 *
 * @throws FeatureMissingError
 */
export async function requireSpoof(ctx: Context): Promise<SpoofForm> {
  if (isKnown('spoof-bridge')) return 'bridge';
  if (isKnown('spoof-netdev')) return 'netdev';
  if ((await refreshFeature('spoof-bridge', ctx)) === undefined) return 'bridge';
  await requireFeature('spoof-netdev', ctx);
  return 'netdev';
}

/** The form that `requireSpoof` has found since this boot. No process. */
export function spoofForm(): SpoofForm {
  return !isKnown('spoof-bridge') && isKnown('spoof-netdev') ? 'netdev' : 'bridge';
}

const FEATURE_OF = { ports: 'ports', isolation: 'isolation', spoof: 'spoof-bridge' } as const;

/** As `requireFeature`, for all that these groups of sets and chains need. */
export async function requireGroups(groups: ReadonlySet<Group>, ctx: Context): Promise<void> {
  for (const group of groups) await requireFeature(FEATURE_OF[group], ctx);
}
