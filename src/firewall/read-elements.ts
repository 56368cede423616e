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
 * Starts a plan: everything read from here on belongs to one ruleset.
 * @returns its generation, for which `commitElements` refuses any other ruleset; `undefined` with nft, which does not
 * print it: `commitElements` then relies on ENOENT and EEXIST.
 */
export function beginPlan(kernel: Kernel): number | undefined {
  if (!isPlain(kernel)) return readGeneration(kernel);
  kernel.forget();
  return undefined;
}

/** Built once per listing: an ADD of a thousand ports looks up two thousand elements. */
const indexes = new WeakMap<object, ElementIndex>();

function listed(kernel: PlainKernel, set: SetName): ElementIndex {
  const listing = kernel.list(tableOf(set));
  if (!isFields(listing)) return indexListing(EMPTY_RULESET);
  const index = indexes.get(listing) ?? indexListing(parseRuleset(listing));
  indexes.set(listing, index);
  return index;
}

/** `undefined` if the set does not exist. */
function readOne(kernel: Kernel, set: SetName): readonly Element[] | undefined {
  if (isPlain(kernel)) return listed(kernel, set).of(set);
  return readSet(kernel, tableOf(set), set)?.map((element) => decodeElement(set, element));
}

/** By key; false also if the set does not exist. */
export function isThere(kernel: Kernel, element: Element): boolean {
  const { set, key } = element;
  if (isPlain(kernel)) return listed(kernel, set).has({ set, key });
  return hasElement(kernel, tableOf(set), { set, ...encodeElement(element) });
}

/** Sets of a group are created together: after a missing one, the later ones are not read. */
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

/** The first set is empty if there are no elements at all. */
export function readSpoof(kernel: Kernel): readonly Element[] {
  const [first, ...others] = SPOOF_NAMES;
  const guarded = readElements(kernel, [first]);
  return guarded.length === 0 ? [] : [...guarded, ...readElements(kernel, others)];
}
