import type { Context } from '../sys/context.ts';
import { legacyTables } from '../sys/proc.ts';
import { run, runToEnd } from '../sys/process/run.ts';
import { findTool } from '../sys/process/tool.ts';
import type { ForwardSpec } from './forward-plan.ts';

/*
 * What only iptables shows: tables of the old iptables, which the kernel lists under /proc and which most machines have
 * none of; and on a machine without nft those of its nft variant too. Elsewhere none of this runs.
 */

const SIDES = ['-i', '-o'] as const;
const FAMILIES = [4, 6] as const;

/** The programs that show a family's chain FORWARD. */
function toolsOf(family: 4 | 6): readonly string[] {
  const name = family === 4 ? 'iptables' : 'ip6tables';
  const old = findTool(`${name}-legacy`) === undefined ? name : `${name}-legacy`;
  const isAlone = findTool('nft') === undefined && findTool(name) !== undefined;
  const tools = [...(legacyTables()[family].includes('filter') ? [old] : []), ...(isAlone ? [name] : [])];
  return [...new Set(tools)];
}

function ruleOf(side: string, bridge: string): readonly string[] {
  return ['FORWARD', side, bridge, '-m', 'comment', '--comment', 'flatnet', '-j', 'ACCEPT'];
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

/** The programs whose chain FORWARD does not let the bridge's packets pass. */
async function closedTools(spec: ForwardSpec, ctx: Context): Promise<readonly string[]> {
  const closed: string[] = [];
  for (const tool of spec.families.flatMap(toolsOf)) {
    const { stdout } = await run({ tool, args: ['-w', '5', '-S', 'FORWARD'] }, ctx);
    if (!isOpen(stdout, spec.bridge)) closed.push(tool);
  }
  return closed;
}

/** Inserts the rules that let a bridge's packets pass where FORWARD may refuse them. */
export async function openLegacy(spec: ForwardSpec, ctx: Context): Promise<void> {
  for (const tool of await closedTools(spec, ctx)) {
    await deleteRules(tool, spec.bridge, ctx);
    for (const side of SIDES) {
      const [chain = '', ...rule] = ruleOf(side, spec.bridge);
      await run({ tool, args: ['-w', '5', '-I', chain, '1', ...rule] }, ctx);
    }
  }
}

/** What stops the packets of a bridge there, one sentence each. */
export async function legacyGaps(spec: ForwardSpec, ctx: Context): Promise<readonly string[]> {
  return (await closedTools(spec, ctx)).map(
    (tool) => `Chain FORWARD of ${tool} may stop what "${spec.bridge}" forwards`,
  );
}

async function deleteRules(tool: string, bridge: string, ctx: Context): Promise<void> {
  for (const side of SIDES) {
    const args = ['-w', '5', '-D', ...ruleOf(side, bridge)];
    while ((await runToEnd({ tool, args }, ctx)).exitCode === 0);
  }
}

/** Takes the rules away. */
export async function closeLegacy(bridge: string, ctx: Context): Promise<void> {
  for (const tool of FAMILIES.flatMap(toolsOf)) await deleteRules(tool, bridge, ctx);
}
