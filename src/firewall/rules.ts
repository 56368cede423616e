import type { Context } from '../sys/context.ts';
import { type Kernel, openFilter } from '../sys/kernel.ts';
import { hasLink } from '../sys/proc.ts';
import { isMissing } from '../sys/process/nft.ts';
import { commit, commitElements } from './commit.ts';
import { converge } from './converge.ts';
import { requireGroups, requireNat } from './features.ts';
import { listOwnTables } from './listing.ts';
import { type MasqueradeSpec, outdatedRules, planMasqueradeChange } from './masquerade.ts';
import { ensureByIptables } from './masquerade-iptables.ts';
import { isPublisher, mayClash } from './port-index.ts';
import { type Publication, publish, withdraw } from './port-plan.ts';
import { beginPlan, readPorts, readSpoof } from './read-elements.ts';
import { brokenGroups, missingNat, readTable } from './read-rules.ts';
import { allPorts, planElements, planPorts, type RuleSpec } from './rule-plan.ts';
import { limitRetries, prepareRetry } from './retry.ts';
import { hasGuard, removeOrphanedGuards } from './spoof-ingress.ts';
import type { Group } from './sets.ts';
import { type Element, groupsOf } from './table.ts';
import { presentElements } from './table-listing.ts';
import { planTables } from './table-plan.ts';
import { join, ofLines } from './transaction.ts';
import { orWithoutFilter } from './without-filter.ts';

function groupsIn({ elements, publication }: RuleSpec): ReadonlySet<Group> {
  return groupsOf([...elements, ...(publication?.wanted ?? [])]);
}

function natIn({ network, masquerade }: RuleSpec): MasqueradeSpec {
  return { network, nat: masquerade };
}

/** Creates or completes tables, chains and the network's masquerade. */
async function makeTables(kernel: Kernel, spec: RuleSpec, ctx: Context): Promise<void> {
  const groups = groupsIn(spec);
  await requireGroups(groups, ctx);
  const rules = readTable(kernel);
  const nat = missingNat(rules, natIn(spec));
  await requireNat(nat, ctx);
  const outdated = outdatedRules(rules, { network: spec.network, nat });
  const masquerade =
    nat.length === 0 ? ofLines([]) : planMasqueradeChange(outdated, { network: spec.network, nat });
  try {
    // Empty if a concurrent first ADD was faster.
    await commit(join(planTables(groups), masquerade), ctx);
  } catch (error) {
    // A concurrent ADD has replaced the outdated rules: the caller looks again.
    if (outdated.length === 0 || !isMissing(error)) throw error;
  }
}

function isWhole(kernel: Kernel, spec: RuleSpec): boolean {
  const groups = groupsIn(spec);
  if (groups.size === 0 && spec.masquerade.length === 0) return true;
  const rules = readTable(kernel);
  return missingNat(rules, natIn(spec)).length === 0 && brokenGroups(kernel, rules, groups).length === 0;
}

async function ensureTables(spec: RuleSpec, ctx: Context): Promise<void> {
  using kernel = openFilter(ctx);
  const aim = {
    isWhole: () => isWhole(kernel, spec),
    make: () => makeTables(kernel, spec, ctx),
    plan: () => planElements(kernel, spec),
  };
  await converge(kernel, aim, ctx);
}

/**
 * Adds an attachment's rules, and removes leftovers that lead to its addresses.
 * @throws PortTakenError if another container has one of the ports; FeatureMissingError if the kernel lacks support.
 */
export async function ensureRules(spec: RuleSpec, ctx: Context): Promise<void> {
  const tables = spec.backend === 'nftables' ? spec : { ...spec, masquerade: [] };
  const isNeeded = groupsIn(tables).size > 0 || tables.masquerade.length > 0;
  if (isNeeded) await ensureTables(tables, ctx);
  // Leftovers of other attachments may still lead to this one.
  else await orWithoutFilter(undefined, () => ensureTables(tables, ctx));
  if (spec.backend === 'nftables') return;
  await ensureByIptables(natIn(spec), ctx);
}

/** Waiting ports take over. @returns the removed elements. */
async function removeOwned(isGone: (owner: string) => boolean, ctx: Context): Promise<readonly Element[]> {
  using kernel = openFilter(ctx);
  const retry = limitRetries();
  for (;;) {
    const generation = beginPlan(kernel);
    const seen = readPorts(kernel);
    const spoof = readSpoof(kernel);
    const gone = [...allPorts(seen), ...spoof].filter(({ owner = '' }) => isGone(owner));
    // A dump during a change of the sets may lack elements.
    if (gone.length === 0 && beginPlan(kernel) === generation) return [];
    const ports = planPorts(kernel, seen, withdraw(seen, isGone));
    const remove = [...ports.remove, ...spoof.filter(({ owner = '' }) => isGone(owner))];
    const plan = { remove, add: ports.add, generation };
    try {
      await commitElements(kernel, plan, 'background');
      return gone;
    } catch (error) {
      await prepareRetry(error, { plan, retry }, ctx);
    }
  }
}

/** Refuses ports that another container has. Runs no process. @throws PortTakenError */
export function refuseTaken(publication: Publication, ctx: Context): void {
  if (publication.wanted.length === 0) return;
  using kernel = openFilter(ctx);
  if (mayClash(kernel, publication)) publish(readPorts(kernel), publication);
}

function ownedBy(kernel: Kernel, owner: string): boolean {
  const isOwn = (element: Element) => element.owner === owner;
  const hasPorts = isPublisher(kernel, owner) ?? allPorts(readPorts(kernel)).some(isOwn);
  return hasPorts || readSpoof(kernel).some(isOwn);
}

/** `owner` is the attachment's host link. Runs no process. */
export function hasOwnRules(owner: string, ctx: Context): Promise<boolean> {
  return orWithoutFilter(false, () => {
    using kernel = openFilter(ctx);
    return Promise.resolve(ownedBy(kernel, owner) || hasGuard(owner, ctx));
  });
}

/** `owner` is the attachment's host link. Runs no process; absent is success. */
export function removeElements(owner: string, ctx: Context): Promise<readonly Element[]> {
  return orWithoutFilter([], async () => {
    using kernel = openFilter(ctx);
    return ownedBy(kernel, owner) ? await removeOwned((other) => other === owner, ctx) : [];
  });
}

/** Removes existing elements of a network; absent is success. */
export async function removeShared(elements: readonly Element[], ctx: Context): Promise<void> {
  const remove = presentElements(elements, await listOwnTables(ctx));
  await commit({ lines: [], remove, add: [] }, ctx);
}

/** Removes the elements of attachments whose pair is gone; returns the names of their host links. */
export async function removeOrphans(ctx: Context): Promise<readonly string[]> {
  // Read links after elements: an attachment makes its pair first.
  const gone = await orWithoutFilter([], () => removeOwned((owner) => !hasLink(owner), ctx));
  const guards = await orWithoutFilter([], () => removeOrphanedGuards(ctx));
  return [...new Set([...gone.map(({ owner = '' }) => owner), ...guards])];
}
