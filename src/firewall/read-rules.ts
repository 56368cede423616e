import { isPlain, type Kernel } from '../sys/kernel.ts';
import { readRules, type RuleInfo } from '../sys/netlink/nfnetlink-read.ts';
import { CHAINS } from './chains.ts';
import { isSameNat, listedNat, type MasqueradeSpec, type SourceNat } from './masquerade.ts';
import { parseRuleset } from './ruleset.ts';
import type { Group } from './sets.ts';
import { TABLE, tableOfGroup } from './table.ts';

/** Empty if the table does not exist. */
export function rulesOf(kernel: Kernel, table: string): readonly RuleInfo[] {
  if (!isPlain(kernel)) return readRules(kernel, table);
  kernel.forget();
  return parseRuleset(kernel.list(table)).rules;
}

export function readTable(kernel: Kernel): readonly RuleInfo[] {
  return rulesOf(kernel, TABLE);
}

/** Rules that the network's chain lacks. */
export function missingNat(
  rules: readonly RuleInfo[],
  { network, nat }: MasqueradeSpec,
): readonly SourceNat[] {
  if (nat.length === 0) return [];
  const present = listedNat(rules, network);
  return nat.filter((wanted) => !present.some((one) => isSameNat(one, wanted)));
}

/** Groups with a chain that is missing or has lost rules, judged by their number. */
export function brokenGroups(
  kernel: Kernel,
  rules: readonly RuleInfo[],
  groups: ReadonlySet<Group>,
): readonly Group[] {
  return [...groups].filter((group) => {
    const table = tableOfGroup(group);
    const own = table === TABLE ? rules : rulesOf(kernel, table);
    return CHAINS[group].some(
      (chain) => own.filter((rule) => rule.chain === chain.name).length < chain.rules.length,
    );
  });
}
