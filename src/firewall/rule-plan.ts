import type { Kernel } from '../sys/kernel.ts';
import { withoutCovered } from './hairpin.ts';
import { hostAddressElements } from './host-addresses.ts';
import type { MasqueradeBackend, SourceNat } from './masquerade.ts';
import { indexElements, mayClash } from './port-index.ts';
import { changesBetween, type Publication, publish, type PublishedPorts } from './port-plan.ts';
import { beginPlan, readElements, readPorts, readSpoof } from './read-elements.ts';
import { INDEX_SETS, isSpoofSet, LOCAL_SETS, SHARED_SETS } from './sets.ts';
import type { Element } from './table.ts';
import { type ElementChanges, joinChanges, type Transaction } from './transaction.ts';

/** An attachment's own rules, and those it shares with its network. */
export interface RuleSpec {
  readonly network: string;
  readonly masquerade: readonly SourceNat[];
  readonly backend: MasqueradeBackend;
  /** Elements of the network and of the spoof check. */
  readonly elements: readonly Element[];
  /** Absent to make only the network's rules. */
  readonly publication?: Publication;
}

export function allPorts({ active, waiting }: PublishedPorts): readonly Element[] {
  return [...active, ...waiting];
}

/** Published ports need the sets of the host's addresses. */
function planLocal(kernel: Kernel, published: readonly Element[]): ElementChanges {
  if (published.length === 0) return { remove: [], add: [] };
  return changesBetween(readElements(kernel, LOCAL_SETS), hostAddressElements(kernel));
}

export function planPorts(kernel: Kernel, seen: PublishedPorts, next: PublishedPorts): ElementChanges {
  return joinChanges([
    changesBetween(allPorts(seen), allPorts(next)),
    changesBetween(readElements(kernel, INDEX_SETS), indexElements(next)),
    planLocal(kernel, next.active),
  ]);
}

/** The usual case: no other port needs to be read. */
function planFreePorts(kernel: Kernel, { wanted }: Publication): ElementChanges {
  if (wanted.length === 0) return { remove: [], add: [] };
  const add = [...wanted, ...indexElements({ active: wanted, waiting: [] })];
  return joinChanges([{ remove: [], add }, planLocal(kernel, wanted)]);
}

function planPublication(kernel: Kernel, publication: Publication): ElementChanges {
  if (!mayClash(kernel, publication)) return planFreePorts(kernel, publication);
  const seen = readPorts(kernel);
  const next = publish(seen, publication);
  // A table without ports needs no index.
  return allPorts(seen).length + allPorts(next).length === 0
    ? { remove: [], add: [] }
    : planPorts(kernel, seen, next);
}

/** A subnet replaces smaller ones within it, and needs no element within a larger one. */
function planShared(kernel: Kernel, elements: readonly Element[]): ElementChanges {
  const sets = SHARED_SETS.filter((name) => elements.some(({ set }) => set === name));
  const seen = sets.flatMap((set) => readElements(kernel, [set]));
  const outgrown = seen.filter((one) => withoutCovered([one], elements).length === 0);
  const present = new Set(seen.map(({ set, key }) => `${set} ${key}`));
  const missing = withoutCovered(withoutCovered(elements, elements), seen);
  return { remove: outgrown, add: missing.filter(({ set, key }) => !present.has(`${set} ${key}`)) };
}

function planSpoof(kernel: Kernel, owner: string, elements: readonly Element[]): ElementChanges {
  const own = readSpoof(kernel).filter((element) => element.owner === owner);
  return changesBetween(own, elements);
}

/** Planned for the current ruleset. */
export function planElements(kernel: Kernel, { elements, publication }: RuleSpec): Transaction {
  const generation = beginPlan(kernel);
  const shared = planShared(
    kernel,
    elements.filter(({ set }) => !isSpoofSet(set)),
  );
  if (publication === undefined) return { lines: [], ...shared, generation };
  const spoof = planSpoof(
    kernel,
    publication.owner,
    elements.filter(({ set }) => isSpoofSet(set)),
  );
  const changes = joinChanges([shared, planPublication(kernel, publication), spoof]);
  return { lines: [], ...changes, generation };
}
