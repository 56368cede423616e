import type { Netlink } from '../sys/netlink/netlink.ts';
import { readRules, type RuleInfo } from '../sys/netlink/nfnetlink-read.ts';
import { CHAINS } from './chains.ts';
import { commentedSubnets, masqueradeChain } from './masquerade.ts';
import type { Group } from './sets.ts';
import { TABLE, tableOfGroup } from './table.ts';

/** The rules of flatnet's own table, without a process. */
export function readTable(netlink: Netlink): readonly RuleInfo[] {
  return readRules(netlink, TABLE);
}

/** Those of the subnets that a network's chain does not masquerade. */
export function unmasqueraded(
  rules: readonly RuleInfo[],
  network: string,
  subnets: readonly string[],
): readonly string[] {
  if (subnets.length === 0) return [];
  const name = masqueradeChain(network);
  const comments = rules.flatMap(({ chain, comment }) => (chain === name ? (comment ?? []) : []));
  const present = commentedSubnets(comments);
  return subnets.filter((subnet) => !present.includes(subnet));
}

/** Groups of which a chain has lost rules, or is not there. Rules are counted: each is there once, whatever it says. */
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
