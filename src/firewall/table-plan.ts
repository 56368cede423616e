import { CHAINS, type Chain, planChain } from './chains.ts';
import { type Group, planSets } from './sets.ts';
import { type Element, groupsOf, tableOfGroup } from './table.ts';
import { ofLines, type Transaction } from './transaction.ts';

/**
 * Creates or completes the sets and chains of groups; elements stay. A packet passes the same rules whether one port is
 * published or a thousand: only elements differ.
 */
export function planTables(groups: ReadonlySet<Group>): Transaction {
  const lines = [...groups].flatMap((group) => {
    const table = tableOfGroup(group);
    return [...planSets(table, group), ...CHAINS[group].flatMap((chain) => planChain(table, chain))];
  });
  return ofLines(lines);
}

export function chainsFor(elements: readonly Element[]): ReadonlyMap<string, readonly Chain[]> {
  const tables = new Map<string, readonly Chain[]>();
  for (const group of groupsOf(elements)) {
    const table = tableOfGroup(group);
    tables.set(table, [...(tables.get(table) ?? []), ...CHAINS[group]]);
  }
  return tables;
}
