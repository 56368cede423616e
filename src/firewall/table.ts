import { type Group, groupOf, isSpoofSet, type SetName } from './sets.ts';

/** Everything flatnet filters or translates, except spoofed sources. */
export const TABLE = 'inet flatnet';

/** Checks packets entering a bridge for spoofed sources; created for the first network that requests it. */
export const SPOOF_TABLE = 'bridge flatnet';

export interface Element {
  readonly set: SetName;
  /** As nft prints it: `tcp . 8080`. */
  readonly key: string;
  /** In maps: `10.87.1.2 . 80`. */
  readonly value?: string;
  /** Host veth of the owning attachment; absent for elements of networks. */
  readonly owner?: string;
}

export function groupsOf(elements: readonly Element[]): ReadonlySet<Group> {
  return new Set(elements.map(({ set }) => groupOf(set)));
}

export function tableOfGroup(group: Group): string {
  return group === 'spoof' ? SPOOF_TABLE : TABLE;
}

export function tableOf(set: SetName): string {
  return isSpoofSet(set) ? SPOOF_TABLE : TABLE;
}

/** In order of first appearance. */
export function bySet(elements: readonly Element[]): ReadonlyMap<SetName, readonly Element[]> {
  const found = new Map<SetName, Element[]>();
  for (const element of elements) {
    const others = found.get(element.set);
    if (others === undefined) found.set(element.set, [element]);
    else others.push(element);
  }
  return found;
}

/** In nft's text. */
export function formatElement({ key, value, owner }: Element): string {
  const comment = owner === undefined ? '' : ` comment "${owner}"`;
  return `${key}${comment}${value === undefined ? '' : ` : ${value}`}`;
}
