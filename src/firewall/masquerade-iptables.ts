import { familyOf } from '../input/address.ts';
import type { Context } from '../sys/context.ts';
import { withLock } from '../sys/lock/lock.ts';
import { markPath } from '../sys/files/marks.ts';
import { run, runToEnd } from '../sys/process/run.ts';
import { findTool } from '../sys/process/tool.ts';
import type { MasqueradeSpec } from './masquerade.ts';

/*
 * Masquerade with iptables, on a machine without nft or for a network that requests it: one rule per subnet in
 * POSTROUTING, identified by its comment.
 */

const TOOLS = ['iptables', 'ip6tables'] as const;
/** -w: seconds to wait for another iptables. */
const TABLE = ['-w', '5', '-t', 'nat'];
const LOCK_TIMEOUT_MS = 5_000;

function toolOf(subnet: string): (typeof TOOLS)[number] {
  return familyOf(subnet) === 6 ? 'ip6tables' : 'iptables';
}

/** Without blanks: some versions of iptables quote them. */
function commentOf(network: string): string {
  return `flatnet/${network}`;
}

function ruleOf(network: string, subnet: string): readonly string[] {
  const match = ['-s', subnet, '!', '-d', subnet, '-m', 'addrtype', '!', '--dst-type', 'MULTICAST'];
  return ['POSTROUTING', ...match, '-m', 'comment', '--comment', commentOf(network), '-j', 'MASQUERADE'];
}

async function succeeds(tool: string, args: readonly string[], ctx: Context): Promise<boolean> {
  return (await runToEnd({ tool, args: [...TABLE, ...args] }, ctx)).exitCode === 0;
}

/** One rule per subnet; existing rules stay. */
export async function ensureByIptables(spec: MasqueradeSpec, ctx: Context): Promise<void> {
  for (const subnet of spec.subnets) {
    const tool = toolOf(subnet);
    const rule = ruleOf(spec.network, subnet);
    const exists = () => succeeds(tool, ['-C', ...rule], ctx);
    if (await exists()) continue;
    // iptables has no atomic add-if-missing: two first containers would both add the rule.
    const label = `masquerade of network "${spec.network}"`;
    await withLock(markPath('iptables'), { timeoutMs: LOCK_TIMEOUT_MS, label }, async () => {
      if (!(await exists())) await run({ tool, args: [...TABLE, '-A', ...rule] }, ctx);
    });
  }
}

/** Subnets of the network's rules in the output of `iptables -S`. */
export function parseSubnets(network: string, listing: string): readonly string[] {
  const rules = listing.matchAll(/^-A POSTROUTING -s (\S+) .*--comment "?([^\s"]+)"? .*-j MASQUERADE$/gm);
  return [...rules].flatMap(([, subnet = '', comment]) => (comment === commentOf(network) ? [subnet] : []));
}

/** Empty if iptables is not installed. */
export async function subnetsByIptables(network: string, ctx: Context): Promise<readonly string[]> {
  const found: string[] = [];
  for (const tool of TOOLS.filter((name) => findTool(name) !== undefined)) {
    const { stdout } = await run({ tool, args: [...TABLE, '-S', 'POSTROUTING'] }, ctx);
    found.push(...parseSubnets(network, stdout));
  }
  return found;
}

/** Returns the subnets of the removed rules. Absent is success. */
export async function removeByIptables(network: string, ctx: Context): Promise<readonly string[]> {
  const subnets = await subnetsByIptables(network, ctx);
  for (const subnet of subnets) await succeeds(toolOf(subnet), ['-D', ...ruleOf(network, subnet)], ctx);
  return subnets;
}
