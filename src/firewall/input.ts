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
import type { ListedChain, ListedRule, Ruleset } from './ruleset.ts';
import { firewallSigns } from './signs.ts';
import { ofLines, type Transaction } from './transaction.ts';
import { accepts, inputOf, portOf, refuses } from './verdicts.ts';

/*
 * Containers ask the server of their names at the bridge's own address: their packets come in at the host's INPUT, which ufw
 * and others close. As with FORWARD, an accept in flatnet's table would not undo a drop in another one.
 */

/** Questions from a bridge to its own addresses. */
export interface InputSpec {
  readonly bridge: string;
  readonly addresses: readonly string[];
  /** Where the server listens, and questions are led before they come here; absent: 53. */
  readonly port?: number | undefined;
}

const LOCK_MS = 5_000;
const PROTOCOLS = ['udp', 'tcp'] as const;
const OTHERS = ['inet flatnet', 'inet firewalld'];
/** Tables of iptables-nft, which must find no rule that it cannot print. */
const OF_IPTABLES: Readonly<Record<string, 4 | 6>> = { 'ip filter': 4, 'ip6 filter': 6 };

/** firewalld takes what comes from bridges of its zone "trusted", where flatnet puts its own. */
export function isInputChain({ table, hook }: ListedChain): boolean {
  return hook === 'input' && /^(inet|ip|ip6) /.test(table) && !OTHERS.includes(table);
}

function mayRefuse(chain: ListedChain, rules: readonly ListedRule[]): boolean {
  return chain.policy === 'drop' || rules.some((rule) => refuses(rule) || !accepts(rule));
}

/** The bridge whose questions a rule of ours accepts. */
function isOwn(rule: ListedRule, bridge: string): boolean {
  return rule.comment === 'flatnet' && inputOf(rule) === bridge;
}

function rulesFor(
  { table }: ListedChain,
  { bridge, addresses, port = DNS_PORT }: InputSpec,
): readonly string[] {
  const family = table.split(' ')[0] ?? '';
  return addresses
    .filter((address) => family === 'inet' || (family === 'ip6') === (familyOf(address) === 6))
    .flatMap((address) => {
      const to = `${familyOf(address) === 4 ? 'ip' : 'ip6'} daddr ${address}`;
      return PROTOCOLS.map(
        (protocol) => `iifname "${bridge}" ${to} ${protocol} dport ${port} counter accept comment "flatnet"`,
      );
    });
}

/** Puts the bridge's rules first in every chain that may refuse its questions, but those of iptables. */
export function planInput(ruleset: Ruleset, spec: InputSpec): Transaction {
  const { port = DNS_PORT } = spec;
  const lines = ruleset.chains.filter(isInputChain).flatMap((chain) => {
    const rules = ruleset.rules.filter((rule) => rule.table === chain.table && rule.chain === chain.name);
    const wanted = rulesFor(chain, spec);
    if (chain.table in OF_IPTABLES || wanted.length === 0 || !mayRefuse(chain, rules)) return [];
    const own = rules.filter((rule) => isOwn(rule, spec.bridge));
    const isFirst =
      own.length === wanted.length &&
      rules.slice(0, own.length).every((rule) => own.includes(rule) && portOf(rule) === port);
    if (isFirst) return [];
    const place = `${chain.table} ${chain.name}`;
    return [
      ...own.map(({ handle }) => `delete rule ${place} handle ${handle}`),
      ...wanted.map((rule) => `insert rule ${place} ${rule}`),
    ];
  });
  return ofLines(lines);
}

export function planInputRemoval(ruleset: Ruleset, bridge: string): Transaction {
  const own = ruleset.rules.filter((rule) => !(rule.table in OF_IPTABLES) && isOwn(rule, bridge));
  return ofLines(own.map(({ table, chain, handle }) => `delete rule ${table} ${chain} handle ${handle}`));
}

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
  if (readMark(markOf(spec.bridge)) !== undefined) await ensureInput(spec, ctx);
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
