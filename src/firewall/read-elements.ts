import { isFields } from '../input/parse.ts';
import { isPlain, type Kernel } from '../sys/kernel.ts';
import { hasElement, readGeneration, readSet } from '../sys/netlink/nfnetlink-read.ts';
import type { PlainKernel } from '../sys/plain/way.ts';
import { decodeElement, encodeElement } from './element-bytes.ts';
import type { PublishedPorts } from './port-plan.ts';
import { EMPTY_RULESET, parseRuleset } from './ruleset.ts';
import { PORT_MAPS, type SetName, SPOOF_NAMES, WAITING_SETS } from './sets.ts';
import { type Element, tableOf } from './table.ts';
import { type ElementIndex, indexListing } from './table-listing.ts';

/**
 * Begins a plan: what is read from here on is of one ruleset.
 *
 * @returns its number, with which `commitElements` refuses to change any other one; `undefined` where `nft` reads and
 * changes the ruleset, which does not tell the number. See `commitElements` for what takes its place there.
 */
export function beginPlan(kernel: Kernel): number | undefined {
  if (!isPlain(kernel)) return readGeneration(kernel);
  kernel.forget();
  return undefined;
}

/** Made once for each listing; an ADD of a thousand ports asks two thousand times. */
const indexes = new WeakMap<object, ElementIndex>();

/** What nft lists of the table of a set. */
function listed(kernel: PlainKernel, set: SetName): ElementIndex {
  const listing = kernel.list(tableOf(set));
  if (!isFields(listing)) return indexListing(EMPTY_RULESET);
  const index = indexes.get(listing) ?? indexListing(parseRuleset(listing));
  indexes.set(listing, index);
  return index;
}

/** The elements of a set; `undefined` where there is no such set. */
function readOne(kernel: Kernel, set: SetName): readonly Element[] | undefined {
  if (isPlain(kernel)) return listed(kernel, set).of(set);
  return readSet(kernel, tableOf(set), set)?.map((element) => decodeElement(set, element));
}

/** Whether a set has an element of this key; false also where there is no such set. */
export function isThere(kernel: Kernel, element: Element): boolean {
  const { set, key } = element;
  if (isPlain(kernel)) return listed(kernel, set).has({ set, key });
  return hasElement(kernel, tableOf(set), { set, ...encodeElement(element) });
}

/**
 * The elements of sets. Sets of a group are made together: after one that is missing, the later ones are
 * not asked for.
 */
export function readElements(kernel: Kernel, sets: readonly SetName[]): readonly Element[] {
  const found: Element[] = [];
  for (const set of sets) {
    const elements = readOne(kernel, set);
    if (elements === undefined) break;
    for (const element of elements) found.push(element);
  }
  return found;
}

export function readPorts(kernel: Kernel): PublishedPorts {
  const elements = readElements(kernel, [...PORT_MAPS, ...WAITING_SETS]);
  const isActive = ({ value }: Element) => value !== undefined;
  return {
    active: elements.filter(isActive),
    waiting: elements.filter((element) => !isActive(element)),
  };
}

/** The elements of the spoof check; the first set tells whether there are any. */
export function readSpoof(kernel: Kernel): readonly Element[] {
  const [first, ...others] = SPOOF_NAMES;
  const guarded = readElements(kernel, [first]);
  return guarded.length === 0 ? [] : [...guarded, ...readElements(kernel, others)];
}
