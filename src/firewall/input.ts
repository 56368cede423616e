import { familyOf } from '../input/address.ts';
import { DNS_PORT } from '../input/dns-port.ts';
import type { Context } from '../sys/context.ts';
import { isFields } from '../input/parse.ts';
import { forgetMark, markPath, readMark, writeMark } from '../sys/files/marks.ts';
import { withLock } from '../sys/lock/lock.ts';
import { run, runToEnd } from '../sys/process/run.ts';
import { findTool } from '../sys/process/tool.ts';
import { commit } from './commit.ts';
import { filterTools } from './legacy.ts';
import { listChains } from './listing.ts';
import {
  type InputSpec,
  isInputChain,
  OF_IPTABLES,
  planInput,
  planInputRemoval,
  PROTOCOLS,
} from './input-plan.ts';
import type { Ruleset } from './ruleset.ts';
import { firewallSigns } from './signs.ts';

/*
 * Containers ask the server of their names at the bridge's own address: their packets come in at the host's INPUT, which ufw
 * and others close. As with FORWARD, an accept in flatnet's table would not undo a drop in another one.
 */

const LOCK_MS = 5_000;

/** The programs whose INPUT chain decides about a family: the old iptables, and the one that is written in nftables. */
export function inputTools(family: 4 | 6, ruleset: Ruleset): readonly string[] {
  const isByNft = ruleset.chains.some((chain) => isInputChain(chain) && OF_IPTABLES[chain.table] === family);
  return filterTools(family, isByNft).filter((tool) => findTool(tool) !== undefined);
}

function ruleOf(
  { bridge, port = DNS_PORT }: InputSpec,
  address: string,
  protocol: string,
): readonly string[] {
  const match = ['-i', bridge, '-d', address, '-p', protocol, '--dport', String(port)];
  return [...match, '-m', 'comment', '--comment', 'flatnet', '-j', 'ACCEPT'];
}

/** Each of the bridge's rules, with each program in whose INPUT chain it is to stand. */
function rulesOfIptables(spec: InputSpec, ruleset: Ruleset) {
  return spec.addresses.flatMap((address) =>
    inputTools(familyOf(address), ruleset).flatMap((tool) =>
      PROTOCOLS.map((protocol) => ({ tool, rule: ruleOf(spec, address, protocol) })),
    ),
  );
}

async function openByIptables(spec: InputSpec, ruleset: Ruleset, ctx: Context): Promise<void> {
  for (const { tool, rule } of rulesOfIptables(spec, ruleset)) {
    await deleteRule(tool, rule, ctx);
    await run({ tool, args: ['-w', '5', '-I', 'INPUT', '1', ...rule] }, ctx);
  }
}

async function closeByIptables(spec: InputSpec, ruleset: Ruleset, ctx: Context): Promise<void> {
  for (const { tool, rule } of rulesOfIptables(spec, ruleset)) await deleteRule(tool, rule, ctx);
}

async function deleteRule(tool: string, rule: readonly string[], ctx: Context): Promise<void> {
  while ((await runToEnd({ tool, args: ['-w', '5', '-D', 'INPUT', ...rule] }, ctx)).exitCode === 0);
}

function markOf(bridge: string): string {
  return `input-${bridge}`;
}

/** What was opened for a bridge since the last boot. */
function noted(bridge: string): InputSpec {
  try {
    const note: unknown = JSON.parse(readMark(markOf(bridge)) ?? '{}');
    const { addresses, port } = isFields(note) ? note : {};
    return {
      bridge,
      addresses: Array.isArray(addresses) ? addresses.filter((one) => typeof one === 'string') : [],
      port: typeof port === 'number' ? port : undefined,
    };
  } catch {
    // Cut off by a full /run: as good as absent.
    return { bridge, addresses: [] };
  }
}

/** What was opened for a bridge and is not to be open any more. */
function outdated({ bridge, addresses, port }: InputSpec): InputSpec {
  const former = noted(bridge);
  const isKept = (address: string) => former.port === port && addresses.includes(address);
  return { ...former, addresses: former.addresses.filter((address) => !isKept(address)) };
}

/** Two that list the rules at once would delete the same one. */
function alone(body: () => Promise<void>): Promise<void> {
  return withLock(markPath('input'), { timeoutMs: LOCK_MS, label: 'INPUT' }, body);
}

function noteOf(spec: InputSpec): string {
  return JSON.stringify({ ...spec, ...firewallSigns() });
}

/** Lets a bridge's questions pass the host's other firewalls; runs processes once per bridge and boot, as `ensureForward`. */
export async function ensureInput(spec: InputSpec, ctx: Context): Promise<void> {
  if (readMark(markOf(spec.bridge)) !== noteOf(spec)) await openInput(spec, ctx);
}

/** `ensureInput` whatever was seen before. */
async function openInput(spec: InputSpec, ctx: Context): Promise<void> {
  const former = outdated(spec);
  await alone(async () => {
    const ruleset = await listChains(isInputChain, ctx);
    await commit(planInput(ruleset, spec), ctx);
    await closeByIptables(former, ruleset, ctx);
    await openByIptables(spec, ruleset, ctx);
  });
  writeMark(markOf(spec.bridge), noteOf(spec));
}

/** Opens again what was opened since the last boot: rules of other firewalls go when those start anew. */
export async function reopenInput(spec: InputSpec, ctx: Context): Promise<void> {
  if (readMark(markOf(spec.bridge)) !== undefined) await openInput(spec, ctx);
}

/** `ensureInput` for a bridge that was opened since the last boot, and whose server has moved. */
export async function followInput(spec: InputSpec, ctx: Context): Promise<void> {
  const known = readMark(markOf(spec.bridge));
  if (known !== undefined && known !== noteOf(spec)) await openInput(spec, ctx);
}

/** Undoes `ensureInput` when a network is removed. Absent is success. */
export async function removeInput({ bridge, addresses }: InputSpec, ctx: Context): Promise<void> {
  const former = noted(bridge);
  const all = [...new Set([...addresses, ...former.addresses])];
  await alone(async () => {
    const ruleset = await listChains(isInputChain, ctx);
    await commit(planInputRemoval(ruleset, bridge), ctx);
    await closeByIptables({ ...former, addresses: all }, ruleset, ctx);
  });
  forgetMark(markOf(bridge));
}
