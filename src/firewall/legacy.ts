import type { Context } from '../sys/context.ts';
import { legacyTables } from '../sys/proc.ts';
import { run, runToEnd } from '../sys/process/run.ts';
import { findTool } from '../sys/process/tool.ts';
import type { ForwardSpec } from './forward-plan.ts';

/*
 * Rules that nft does not show: those of the old iptables, whose tables the kernel lists under /proc, and those of
 * iptables-nft on a machine without nft. On most machines none of this runs.
 */

const SIDES = ['-i', '-o'] as const;
const FAMILIES = [4, 6] as const;

/**
 * The programs that list a family's chains of the table "filter": that of the old iptables where it has such a table, and the
 * one that is written in nftables where it has chains of its own, or nft is not there to list them.
 */
export function filterTools(family: 4 | 6, isByNft: boolean): readonly string[] {
  const name = family === 4 ? 'iptables' : 'ip6tables';
  const old = findTool(`${name}-legacy`) === undefined ? name : `${name}-legacy`;
  const isNew = (isByNft || findTool('nft') === undefined) && findTool(name) !== undefined;
  const tools = [...(legacyTables()[family].includes('filter') ? [old] : []), ...(isNew ? [name] : [])];
  return [...new Set(tools)];
}

/** nft lists and changes the FORWARD chain of the new iptables itself. */
function toolsOf(family: 4 | 6): readonly string[] {
  return filterTools(family, false);
}

function ruleOf(side: string, bridge: string): readonly string[] {
  return ['FORWARD', side, bridge, '-m', 'comment', '--comment', 'flatnet', '-j', 'ACCEPT'];
}

/** Whether everything is accepted, or both rules of the bridge are among accept rules at the top. */
function isOpen(listing: string, bridge: string): boolean {
  const [policy = '', ...rules] = listing.trim().split('\n');
  if (policy.endsWith(' ACCEPT') && rules.every((rule) => rule.endsWith('-j ACCEPT'))) return true;
  const end = rules.findIndex(
    (rule) => !/^-A FORWARD -[io] \S+ .*--comment "?flatnet"? -j ACCEPT$/.test(rule),
  );
  const first = end < 0 ? rules : rules.slice(0, end);
  return SIDES.every((side) => first.some((rule) => rule.startsWith(`-A FORWARD ${side} ${bridge} `)));
}

async function closedTools(spec: ForwardSpec, ctx: Context): Promise<readonly string[]> {
  const closed: string[] = [];
  for (const tool of spec.families.flatMap(toolsOf)) {
    const { stdout } = await run({ tool, args: ['-w', '5', '-S', 'FORWARD'] }, ctx);
    if (!isOpen(stdout, spec.bridge)) closed.push(tool);
  }
  return closed;
}

/** Inserts accept rules where FORWARD may refuse the bridge's packets. */
export async function openLegacy(spec: ForwardSpec, ctx: Context): Promise<void> {
  for (const tool of await closedTools(spec, ctx)) {
    await deleteRules(tool, spec.bridge, ctx);
    for (const side of SIDES) {
      const [chain = '', ...rule] = ruleOf(side, spec.bridge);
      await run({ tool, args: ['-w', '5', '-I', chain, '1', ...rule] }, ctx);
    }
  }
}

/** Chains that may drop a bridge's packets, one sentence each. */
export async function legacyGaps(spec: ForwardSpec, ctx: Context): Promise<readonly string[]> {
  return (await closedTools(spec, ctx)).map(
    (tool) => `Chain FORWARD of ${tool} may drop forwarded packets of bridge "${spec.bridge}"`,
  );
}

async function deleteRules(tool: string, bridge: string, ctx: Context): Promise<void> {
  for (const side of SIDES) {
    const args = ['-w', '5', '-D', ...ruleOf(side, bridge)];
    while ((await runToEnd({ tool, args }, ctx)).exitCode === 0);
  }
}

export async function closeLegacy(bridge: string, ctx: Context): Promise<void> {
  for (const tool of FAMILIES.flatMap(toolsOf)) await deleteRules(tool, bridge, ctx);
}
