import type { Context } from '../../sys/context.ts';
import { dirname } from 'node:path';
import { openForward } from '../../firewall/forward.ts';
import { chooseBackend, natOf } from '../../firewall/masquerade.ts';
import { ensureRules } from '../../firewall/rules.ts';
import { restoreAttachments } from '../../attachment/restore.ts';
import { refreshNames } from '../../attachment/names.ts';
import { collectDead } from '../../attachment/collect.ts';
import { openHostStore } from '../../attachment/store.ts';
import { run } from '../../sys/process/run.ts';
import { ensureSysctl } from '../../sys/sysctl.ts';
import { makeExecutable } from '../../sys/files/text-file.ts';
import type { Facts, NetworkFacts } from '../facts/facts.ts';
import { forwardSpecOf } from '../facts/networks.ts';
import { dataDirOf } from '../facts/pools.ts';
import { clearAbandoned, findAbandoned } from '../ipam/abandoned.ts';
import { count } from '../text/format.ts';
import type { Finding, Fix } from './finding.ts';
import { restoreBridge } from './fix-bridge.ts';
import { describeAllocation } from './holders.ts';

type Fixable = Finding & { readonly fix: Fix };

export interface Outcome {
  readonly finding: Fixable;
  /** The action taken, or the reason for its failure. */
  readonly said: string;
  readonly failed: boolean;
}

function networkOf(facts: Facts, name: string): NetworkFacts {
  const found = facts.networks.find(({ network }) => network.name === name);
  if (found === undefined) throw new Error(`network "${name}" no longer exists`);
  return found;
}

async function acceptPackets(facts: Facts, name: string, ctx: Context): Promise<string> {
  const { network, bridgeName: bridge } = networkOf(facts, name);
  await openForward({ ...forwardSpecOf(network.conf), bridge }, ctx);
  return `accepted the packets of ${bridge}`;
}

async function reclaim(facts: Facts, name: string, ctx: Context): Promise<string> {
  const store = openHostStore(dataDirOf(networkOf(facts, name).network.conf), ctx);
  const freed = await collectDead(store, { network: name }, ctx);
  return `freed ${freed.map(describeAllocation).join(', ')}`;
}

/** Looks anew: since the facts were gathered, a container may have come. */
async function clear(facts: Facts, name: string, ctx: Context): Promise<string> {
  const store = openHostStore(dataDirOf(networkOf(facts, name).network.conf), ctx);
  const freed = await clearAbandoned(store, await findAbandoned(store, { network: name }), ctx);
  return `removed what was left of ${freed.map(describeAllocation).join(', ')}`;
}

async function restoreState(facts: Facts, name: string, ctx: Context): Promise<string> {
  const { network, state } = networkOf(facts, name);
  await openHostStore(dataDirOf(network.conf), ctx).repair();
  return `rebuilt ${state.path}${state.condition === 'damaged' ? ', the damaged copy is kept next to it' : ''}`;
}

function dataDirsOf({ states }: Facts): readonly string[] {
  return states.map(({ path }) => dirname(path));
}

async function restoreMasquerade(facts: Facts, name: string, ctx: Context): Promise<string> {
  const { masquerade, network, rules } = networkOf(facts, name);
  const { outbound, ipMasqBackend } = network.conf;
  const backend = rules?.backend ?? chooseBackend(ipMasqBackend);
  const nat = natOf(masquerade, outbound);
  await ensureRules({ network: name, masquerade: nat, backend, elements: [] }, ctx);
  // A flush that removed the masquerade has removed the published ports, too.
  await restoreAttachments(dataDirsOf(facts), ctx);
  return `restored the masquerade of ${masquerade.join(', ')}`;
}

async function restoreRules(facts: Facts, ctx: Context): Promise<string> {
  const { attachments, failures } = await restoreAttachments(dataDirsOf(facts), ctx);
  if (failures.length > 0) throw new Error(failures.join('; '));
  return `restored the rules of ${count(attachments, 'container')}`;
}

async function restoreNames(name: string, ctx: Context): Promise<string> {
  const failures = await refreshNames(ctx, (network) => network === name);
  if (failures.length > 0) throw new Error(failures.join('; '));
  return `served the names of "${name}" anew`;
}

type NetworkFix = Extract<Fix, { readonly network: string }>;

async function applyTo({ kind, network }: NetworkFix, facts: Facts, ctx: Context): Promise<string> {
  switch (kind) {
    case 'forward-rules':
      return acceptPackets(facts, network, ctx);
    case 'bridge':
      return restoreBridge(networkOf(facts, network), ctx);
    case 'masquerade':
      return restoreMasquerade(facts, network, ctx);
    case 'rules':
      return restoreRules(facts, ctx);
    case 'names':
      return restoreNames(network, ctx);
    case 'dead-entries':
      return reclaim(facts, network, ctx);
    case 'abandoned':
      return clear(facts, network, ctx);
    case 'state-file':
      return restoreState(facts, network, ctx);
  }
}

async function apply(fix: Fix, facts: Facts, ctx: Context): Promise<string> {
  if ('network' in fix) return applyTo(fix, facts, ctx);
  switch (fix.kind) {
    case 'ip-forward':
      ensureSysctl(fix.key, '1');
      return `set ${fix.key.replaceAll('/', '.')} to 1`;
    case 'port':
      await run({ tool: 'ip', args: ['link', 'set', 'dev', fix.link, 'master', fix.bridge, 'up'] }, ctx);
      return `put ${fix.link} back into ${fix.bridge}`;
    case 'route':
      await run({ tool: 'ip', args: ['route', 'add', ...fix.route.split(' ')] }, ctx);
      return `added route ${fix.route}`;
    case 'executable-bit':
      makeExecutable(fix.path);
      return `chmod 755 ${fix.path}`;
  }
}

function isFixable(finding: Finding): finding is Fixable {
  return finding.fix !== undefined;
}

function remediesOf(findings: readonly Finding[]): ReadonlyMap<string, Fixable> {
  const found = new Map<string, Fixable>();
  for (const finding of findings.filter(isFixable)) {
    const key = JSON.stringify(finding.fix);
    if (!found.has(key)) found.set(key, finding);
  }
  return found;
}

async function applyOne(finding: Fixable, facts: Facts, ctx: Context): Promise<Outcome> {
  try {
    return { finding, said: await apply(finding.fix, facts, ctx), failed: false };
  } catch (error) {
    return { finding, said: error instanceof Error ? error.message : String(error), failed: true };
  }
}

/** A finding that `--fix` did not resolve must not suggest `--fix` again. */
function withoutRepeat(finding: Finding, outcomes: ReadonlyMap<string, Outcome>): Finding {
  if (finding.fix === undefined || !outcomes.has(JSON.stringify(finding.fix))) return finding;
  const { fix: _, otherwise, suggestion = '', ...rest } = finding;
  const kept = suggestion.includes('doctor --fix') ? undefined : suggestion;
  const instead = otherwise ?? kept;
  return instead === undefined ? rest : { ...rest, suggestion: instead };
}

export interface Diagnosis {
  readonly facts: Facts;
  readonly findings: readonly Finding[];
}

/** One remedy can uncover the next problem: a bridge must exist before its addresses are checked. */
const ROUNDS = 3;

/** Applies every safe remedy, past failures. A remedy whose problem persists counts as failed. */
export async function applyFixes(
  examine: (ctx: Context) => Promise<Diagnosis>,
  ctx: Context,
): Promise<Diagnosis & { readonly outcomes: readonly Outcome[] }> {
  let current = await examine(ctx);
  const outcomes = new Map<string, Outcome>();
  for (let round = 0; round < ROUNDS; round += 1) {
    let hasChanged = false;
    for (const [key, finding] of remediesOf(current.findings)) {
      if (outcomes.get(key)?.failed === false) continue;
      const outcome = await applyOne(finding, current.facts, ctx);
      outcomes.set(key, outcome);
      hasChanged ||= !outcome.failed;
    }
    if (!hasChanged) break;
    current = await examine(ctx);
  }
  const left = remediesOf(current.findings);
  const told = [...outcomes].map(([key, outcome]) =>
    outcome.failed || !left.has(key)
      ? outcome
      : { ...outcome, said: `${outcome.said}, but the problem is still there`, failed: true },
  );
  const findings = current.findings.map((finding) => withoutRepeat(finding, outcomes));
  return { ...current, findings, outcomes: told };
}
