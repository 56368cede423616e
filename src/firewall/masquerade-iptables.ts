import { familyOf } from '../input/address.ts';
import type { Context } from '../sys/context.ts';
import { withLock } from '../sys/lock/lock.ts';
import { markPath } from '../sys/files/marks.ts';
import { run, runToEnd } from '../sys/process/run.ts';
import { findTool } from '../sys/process/tool.ts';
import { type MasqueradeSpec, newestOf, type SourceNat } from './masquerade.ts';

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

function ruleOf(network: string, { subnet, to }: SourceNat): readonly string[] {
  const match = ['-s', subnet, '!', '-d', subnet, '-m', 'addrtype', '!', '--dst-type', 'MULTICAST'];
  const target = to === undefined ? ['MASQUERADE'] : ['SNAT', '--to-source', to];
  return ['POSTROUTING', ...match, '-m', 'comment', '--comment', commentOf(network), '-j', ...target];
}

async function succeeds(tool: string, args: readonly string[], ctx: Context): Promise<boolean> {
  return (await runToEnd({ tool, args: [...TABLE, ...args] }, ctx)).exitCode === 0;
}

async function isThere(network: string, nat: SourceNat, ctx: Context): Promise<boolean> {
  return succeeds(toolOf(nat.subnet), ['-C', ...ruleOf(network, nat)], ctx);
}

async function remove(network: string, nat: SourceNat, ctx: Context): Promise<void> {
  await succeeds(toolOf(nat.subnet), ['-D', ...ruleOf(network, nat)], ctx);
}

/** In place of the rule that gives the subnet another source address. */
async function add(network: string, nat: SourceNat, ctx: Context): Promise<void> {
  const outdated = (await listByIptables(network, ctx)).filter(({ subnet }) => subnet === nat.subnet);
  await run({ tool: toolOf(nat.subnet), args: [...TABLE, '-A', ...ruleOf(network, nat)] }, ctx);
  for (const one of outdated) await remove(network, one, ctx);
}

/** One rule per subnet; correct rules stay. */
export async function ensureByIptables({ network, nat }: MasqueradeSpec, ctx: Context): Promise<void> {
  for (const newest of newestOf(nat)) {
    const wanted = nat.filter(({ subnet }) => subnet === newest.subnet);
    const exists = async () => {
      for (const one of wanted) if (await isThere(network, one, ctx)) return true;
      return false;
    };
    if (await exists()) continue;
    // iptables has no atomic add-if-missing: two first containers would both add the rule.
    const label = `masquerade of network "${network}"`;
    await withLock(markPath('iptables'), { timeoutMs: LOCK_TIMEOUT_MS, label }, async () => {
      if (!(await exists())) await add(network, newest, ctx);
    });
  }
}

/** The network's rules in the output of `iptables -S`. */
export function parseNat(network: string, listing: string): readonly SourceNat[] {
  const rules = listing.matchAll(
    /^-A POSTROUTING -s (\S+) .*--comment "?([^\s"]+)"? .*-j (?:MASQUERADE|SNAT --to-source (\S+))$/gm,
  );
  return [...rules].flatMap(([, subnet = '', comment, to]) => {
    if (comment !== commentOf(network)) return [];
    return to === undefined ? [{ subnet }] : [{ subnet, to }];
  });
}

/** Empty if iptables is not installed. */
export async function listByIptables(network: string, ctx: Context): Promise<readonly SourceNat[]> {
  const found: SourceNat[] = [];
  for (const tool of TOOLS.filter((name) => findTool(name) !== undefined)) {
    const { stdout } = await run({ tool, args: [...TABLE, '-S', 'POSTROUTING'] }, ctx);
    found.push(...parseNat(network, stdout));
  }
  return found;
}

/** Returns the removed rules. Absent is success. */
export async function removeByIptables(network: string, ctx: Context): Promise<readonly SourceNat[]> {
  const nat = await listByIptables(network, ctx);
  for (const one of nat) await remove(network, one, ctx);
  return nat;
}
