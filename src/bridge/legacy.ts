import { legacyTables } from '../sys/proc.ts';
import { run, runToEnd } from '../sys/run.ts';
import { findTool } from '../sys/tool.ts';
import type { ForwardSpec } from './forward-plan.ts';

/*
 * Tables of the old iptables, which nft does not see. The kernel lists them under /proc; there are none on most
 * machines, and then none of this runs.
 */

const SIDES = ['-i', '-o'] as const;

function toolOf(family: 4 | 6): string {
  const name = family === 4 ? 'iptables' : 'ip6tables';
  return findTool(`${name}-legacy`) === undefined ? name : `${name}-legacy`;
}

function ruleOf(side: string, bridge: string): readonly string[] {
  return ['FORWARD', side, bridge, '-m', 'comment', '--comment', 'flatnet', '-j', 'ACCEPT'];
}

function filtering(families: readonly (4 | 6)[]): readonly (4 | 6)[] {
  return families.filter((family) => legacyTables()[family].includes('filter'));
}

/** True when rules of our kind come first, both of the bridge's among them, or nothing is refused at all. */
function isOpen(listing: string, bridge: string): boolean {
  const [policy = '', ...rules] = listing.trim().split('\n');
  if (policy.endsWith(' ACCEPT') && rules.every((rule) => rule.endsWith('-j ACCEPT'))) return true;
  const end = rules.findIndex(
    (rule) => !/^-A FORWARD -[io] \S+ .*--comment "?flatnet"? -j ACCEPT$/.test(rule),
  );
  const first = end < 0 ? rules : rules.slice(0, end);
  return SIDES.every((side) => first.some((rule) => rule.startsWith(`-A FORWARD ${side} ${bridge} `)));
}

async function closedFamilies(spec: ForwardSpec): Promise<readonly (4 | 6)[]> {
  const closed: (4 | 6)[] = [];
  for (const family of filtering(spec.families)) {
    const { stdout } = await run({ tool: toolOf(family), args: ['-w', '5', '-S', 'FORWARD'] });
    if (!isOpen(stdout, spec.bridge)) closed.push(family);
  }
  return closed;
}

/** Inserts the rules that let a bridge's packets pass where FORWARD may refuse them. */
export async function openLegacy(spec: ForwardSpec): Promise<void> {
  for (const family of await closedFamilies(spec)) {
    await deleteRules(family, spec.bridge);
    for (const side of SIDES) {
      const [chain = '', ...rule] = ruleOf(side, spec.bridge);
      await run({ tool: toolOf(family), args: ['-w', '5', '-I', chain, '1', ...rule] });
    }
  }
}

/** What stops the packets of a bridge there, one sentence each. */
export async function legacyGaps(spec: ForwardSpec): Promise<readonly string[]> {
  return (await closedFamilies(spec)).map(
    (family) => `Chain FORWARD of ${toolOf(family)} may stop what "${spec.bridge}" forwards`,
  );
}

async function deleteRules(family: 4 | 6, bridge: string): Promise<void> {
  for (const side of SIDES) {
    const args = ['-w', '5', '-D', ...ruleOf(side, bridge)];
    while ((await runToEnd({ tool: toolOf(family), args })).exitCode === 0);
  }
}

/** Takes the rules away. */
export async function closeLegacy(bridge: string): Promise<void> {
  for (const family of filtering([4, 6])) await deleteRules(family, bridge);
}
