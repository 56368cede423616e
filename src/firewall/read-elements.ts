import type { Netlink } from '../sys/netlink/netlink.ts';
import { readSet } from '../sys/netlink/nfnetlink-read.ts';
import { decodeElement } from './element-bytes.ts';
import type { PublishedPorts } from './port-plan.ts';
import { PORT_MAPS, type SetName, SPOOF_NAMES, WAITING_SETS } from './sets.ts';
import { type Element, tableOf } from './table.ts';

/**
 * The elements of sets, without a process. Sets of a group are made together: after one that is missing, the later ones are
 * not asked for.
 */
export function readElements(netlink: Netlink, sets: readonly SetName[]): readonly Element[] {
  const found: Element[] = [];
  for (const set of sets) {
    const elements = readSet(netlink, tableOf(set), set);
    if (elements === undefined) break;
    for (const element of elements) found.push(decodeElement(set, element));
  }
  return found;
}

export function readPorts(netlink: Netlink): PublishedPorts {
  const elements = readElements(netlink, [...PORT_MAPS, ...WAITING_SETS]);
  const isActive = ({ value }: Element) => value !== undefined;
  return {
    active: elements.filter(isActive),
    waiting: elements.filter((element) => !isActive(element)),
  };
}

/** The elements of the spoof check; the first set tells whether there are any. */
export function readSpoof(netlink: Netlink): readonly Element[] {
  const [first, ...others] = SPOOF_NAMES;
  const guarded = readElements(netlink, [first]);
  return guarded.length === 0 ? [] : [...guarded, ...readElements(netlink, others)];
}
