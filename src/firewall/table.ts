import { CHAINS, type Chain, planChain } from './chains.ts';
import { type Group, groupOf, isSpoofSet, planSets, type SetName } from './sets.ts';

/** The table that holds everything flatnet filters or translates. */
export const TABLE = 'inet flatnet';

/** Where packets that enter a bridge are checked for a forged source; made when a network first asks for it. */
export const SPOOF_TABLE = 'bridge flatnet';

/** One element of a set or map. */
export interface Element {
  readonly set: SetName;
  /** As nft prints it: `tcp . 8080`. */
  readonly key: string;
  /** Of a map: `10.87.1.2 . 80`. */
  readonly value?: string;
  /** Name of the host veth of the attachment it belongs to; absent: the network's. */
  readonly owner?: string;
}

/** The groups that these elements belong to. */
export function groupsOf(elements: readonly Element[]): ReadonlySet<Group> {
  return new Set(elements.map(({ set }) => groupOf(set)));
}

/** The table of a group. */
export function tableOfGroup(group: Group): string {
  return group === 'spoof' ? SPOOF_TABLE : TABLE;
}

/**
 * Makes sets and chains of groups, whatever of them was there before; elements stay. All rules are here and are the same
 * for every network: what differs are elements, so that a thousand mappings are looked up as fast as one.
 */
export function planTables(groups: ReadonlySet<Group>): readonly string[] {
  return [...groups].flatMap((group) => {
    const table = tableOfGroup(group);
    return [...planSets(table, group), ...CHAINS[group].flatMap((chain) => planChain(table, chain))];
  });
}

/** The chains of the tables that these elements go into, table by table. */
export function chainsFor(elements: readonly Element[]): ReadonlyMap<string, readonly Chain[]> {
  const tables = new Map<string, readonly Chain[]>();
  for (const group of groupsOf(elements)) {
    const table = tableOfGroup(group);
    tables.set(table, [...(tables.get(table) ?? []), ...CHAINS[group]]);
  }
  return tables;
}

/** The table that a set is in. */
export function tableOf(set: SetName): string {
  return isSpoofSet(set) ? SPOOF_TABLE : TABLE;
}

/** Elements set by set, in the order in which the sets first appear. */
export function bySet(elements: readonly Element[]): ReadonlyMap<SetName, readonly Element[]> {
  const found = new Map<SetName, Element[]>();
  for (const element of elements) {
    const others = found.get(element.set);
    if (others === undefined) found.set(element.set, [element]);
    else others.push(element);
  }
  return found;
}

/** As nft prints it. */
export function formatElement({ key, value, owner }: Element): string {
  const comment = owner === undefined ? '' : ` comment "${owner}"`;
  return `${key}${comment}${value === undefined ? '' : ` : ${value}`}`;
}

/** An argument of a program holds at most 128 KiB. */
const ELEMENTS_PER_LINE = 500;

/** Removes elements; one that is not there is an error. */
export function planRemovals(elements: readonly Element[]): readonly string[] {
  return [...bySet(elements)].flatMap(([set, own]) => {
    const starts = own.map((_, at) => at).filter((at) => at % ELEMENTS_PER_LINE === 0);
    return starts.map((at) => {
      const keys = own.slice(at, at + ELEMENTS_PER_LINE).map(({ key }) => key);
      return `delete element ${tableOf(set)} ${set} { ${keys.join(', ')} }`;
    });
  });
}
