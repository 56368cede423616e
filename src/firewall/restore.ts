import type { Context } from '../sys/context.ts';
import { type Kernel, openFilter } from '../sys/kernel.ts';
import { commit, commitElements } from './commit.ts';
import { FeatureMissingError, requireGroups, requireNat } from './features.ts';
import { withoutCovered } from './hairpin.ts';
import { planMasqueradeRepair, type SourceNat } from './masquerade.ts';
import { changesBetween, type Owners, type PublishedPorts, restore } from './port-plan.ts';
import { beginPlan, readElements, readPorts, readSpoof } from './read-elements.ts';
import { brokenGroups, readTable } from './read-rules.ts';
import { limitRetries, prepareRetry } from './retry.ts';
import { planPorts } from './rule-plan.ts';
import { type Group, groupOf, SHARED_SETS } from './sets.ts';
import { type Element, groupsOf, TABLE } from './table.ts';
import { planTables } from './table-plan.ts';
import { type ElementChanges, isEmpty, join, joinChanges, type Transaction } from './transaction.ts';

/** All rules requested by the known attachments of the host. */
export interface WantedRules {
  /** Elements of the port maps by host link, with an entry for every known attachment. */
  readonly ports: ReadonlyMap<string, readonly Element[]>;
  readonly spoof: readonly Element[];
  readonly shared: readonly Element[];
  /** Made by nftables, with an entry for every known network. */
  readonly masquerade: ReadonlyMap<string, readonly SourceNat[]>;
  /** Whether an element of a network stays although no known attachment requests it. */
  readonly isKept: (shared: Element) => boolean;
}

export interface RestoredRules {
  readonly ports: readonly Element[];
  /** Published ports that other containers have taken since. */
  readonly refused: readonly Element[];
  /** Groups of rules that the kernel does not support, one sentence each. */
  readonly lacking: readonly string[];
}

interface Seen {
  readonly generation: number | undefined;
  readonly ports: PublishedPorts;
  readonly spoof: readonly Element[];
  readonly shared: readonly Element[];
}

function readSeen(kernel: Kernel): Seen {
  const generation = beginPlan(kernel);
  const shared = SHARED_SETS.flatMap((set) => readElements(kernel, [set]));
  return { generation, ports: readPorts(kernel), spoof: readSpoof(kernel), shared };
}

function planSpoof(seen: readonly Element[], wanted: WantedRules, { isLive }: Owners): ElementChanges {
  const unknown = seen.filter(({ owner = '' }) => !wanted.ports.has(owner) && isLive(owner));
  return changesBetween(seen, [...unknown, ...wanted.spoof]);
}

function planShared(seen: readonly Element[], { shared, isKept }: WantedRules): ElementChanges {
  const all = [...shared, ...seen.filter(isKept)];
  const distinct = [...new Map(all.map((element) => [`${element.set} ${element.key}`, element])).values()];
  return changesBetween(seen, withoutCovered(distinct, distinct));
}

async function findLacking(wanted: WantedRules, ctx: Context): Promise<ReadonlyMap<Group, string>> {
  const lacking = new Map<Group, string>();
  const elements = [...[...wanted.ports.values()].flat(), ...wanted.spoof, ...wanted.shared];
  for (const group of groupsOf(elements)) {
    try {
      await requireGroups(new Set([group]), ctx);
    } catch (error) {
      if (!(error instanceof FeatureMissingError)) throw error;
      lacking.set(group, error.message);
    }
  }
  return lacking;
}

function without(wanted: WantedRules, lacking: ReadonlyMap<Group, string>): WantedRules {
  const isPossible = ({ set }: Element) => !lacking.has(groupOf(set));
  const ports = [...wanted.ports].map(([owner, own]) => [owner, own.filter(isPossible)] as const);
  return {
    ...wanted,
    ports: new Map(ports),
    spoof: wanted.spoof.filter(isPossible),
    shared: wanted.shared.filter(isPossible),
  };
}

/** The first round replaces even complete chains: they may be from an earlier release. */
async function planTablesFor(
  kernel: Kernel,
  { wanted, seen, isFirst }: { wanted: WantedRules; seen: Seen; isFirst: boolean },
  ctx: Context,
): Promise<Transaction> {
  const rules = readTable(kernel);
  const elements = [...[...wanted.ports.values()].flat(), ...wanted.spoof, ...wanted.shared];
  const present = [...seen.ports.active, ...seen.spoof, ...seen.shared];
  const groups = groupsOf([...elements, ...present]);
  const broken = isFirst ? groups : new Set(brokenGroups(kernel, rules, groups));
  const masquerade = planMasqueradeRepair(rules, wanted.masquerade);
  if (!isEmpty(masquerade)) await requireNat([...wanted.masquerade.values()].flat(), ctx);
  return join(planTables(broken), masquerade);
}

/** Without published ports, before and after, their sets may not exist. */
function planAllPorts(kernel: Kernel, seen: PublishedPorts, next: PublishedPorts): ElementChanges {
  const isUsed = [seen, next].some(({ active, waiting }) => active.length + waiting.length > 0);
  return isUsed ? planPorts(kernel, seen, next) : { remove: [], add: [] };
}

/** More rounds than concurrent ADDs and DELs can cause. */
const ROUNDS = 100;

/**
 * Restores all requested rules and removes the others. Correct rules are never missing in between. Elements are planned
 * for one generation of the ruleset, and again if it changes, so that a concurrent ADD or DEL is not undone.
 * @param gather reads the wanted rules; called after the kernel was read, so that the wanted rules are the newer of the
 * two.
 */
export async function restoreRules(
  gather: () => Promise<WantedRules>,
  owners: () => Owners,
  ctx: Context,
): Promise<RestoredRules> {
  using kernel = openFilter(ctx);
  const retry = limitRetries();
  for (let round = 0; round < ROUNDS; round += 1) {
    const seen = readSeen(kernel);
    const all = await gather();
    const lacking = await findLacking(all, ctx);
    const wanted = without(all, lacking);
    const tables = await planTablesFor(kernel, { wanted, seen, isFirst: round === 0 }, ctx);
    if (!isEmpty(tables)) {
      await commit(tables, ctx);
      continue;
    }
    const known = owners();
    const next = restore(seen.ports, wanted.ports, known);
    const changes = joinChanges([
      planAllPorts(kernel, seen.ports, next),
      planSpoof(seen.spoof, wanted, known),
      planShared(seen.shared, wanted),
    ]);
    const plan = { ...changes, generation: seen.generation };
    const result = {
      ports: next.active.filter(({ owner = '' }) => wanted.ports.has(owner)),
      refused: next.refused,
      lacking: [...lacking.values()],
    };
    if (isEmpty(plan)) return result;
    try {
      await commitElements(kernel, plan);
      return result;
    } catch (error) {
      await prepareRetry(error, { plan, retry }, ctx);
    }
  }
  throw new Error(`Cannot restore table "${TABLE}": another program keeps changing the packet filter`);
}
