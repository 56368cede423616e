import type { Netlink } from '../sys/netlink/netlink.ts';
import { readRules, type RuleInfo } from '../sys/netlink/nfnetlink-read.ts';
import { CHAINS } from './chains.ts';
import { masqueradedSubnets } from './masquerade.ts';
import type { Group } from './sets.ts';
import { TABLE, tableOfGroup } from './table.ts';

/** The rules of flatnet's main table, without a process. */
export function readTable(netlink: Netlink): readonly RuleInfo[] {
  return readRules(netlink, TABLE);
}

/** The subnets that a network's chain does not masquerade yet. */
export function unmasqueraded(
  rules: readonly RuleInfo[],
  network: string,
  subnets: readonly string[],
): readonly string[] {
  if (subnets.length === 0) return [];
  const present = masqueradedSubnets(rules, network);
  return subnets.filter((subnet) => !present.includes(subnet));
}

/** Groups with a chain that is missing or has lost rules, judged by their number. */
export function brokenGroups(
  netlink: Netlink,
  rules: readonly RuleInfo[],
  groups: ReadonlySet<Group>,
): readonly Group[] {
  return [...groups].filter((group) => {
    const table = tableOfGroup(group);
    const own = table === TABLE ? rules : readRules(netlink, table);
    return CHAINS[group].some(
      (chain) => own.filter((rule) => rule.chain === chain.name).length < chain.rules.length,
    );
  });
}
