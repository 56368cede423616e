import { openForward } from '../../bridge/forward.ts';
import { chooseBackend } from '../../bridge/masquerade.ts';
import { ensureRules } from '../../bridge/rules.ts';
import { replay } from '../../cni/replay.ts';
import { openHostStore } from '../../cni/holders.ts';
import { run } from '../../sys/run.ts';
import { ensureSysctl } from '../../sys/sysctl.ts';
import { makeExecutable } from '../../sys/text-file.ts';
import type { Facts, NetworkFacts } from '../facts/facts.ts';
import { dataDirOf, forwardSpecOf } from '../facts/networks.ts';
import { count } from '../text/format.ts';
import { describeAllocation } from './addresses.ts';
import type { Finding, Fix } from './finding.ts';
import { restoreBridge } from './fix-bridge.ts';

/** What became of one remedy. */
export interface Outcome {
  readonly finding: Finding;
  /** What was done, in words; why it could not be done when `failed`. */
  readonly said: string;
  readonly failed: boolean;
}

function networkOf(facts: Facts, name: string): NetworkFacts {
  const found = facts.networks.find(({ network }) => network.name === name);
  if (found === undefined) throw new Error(`network "${name}" is not there any more`);
  return found;
}

async function letPass(facts: Facts, name: string): Promise<string> {
  const spec = forwardSpecOf(networkOf(facts, name).network.conf);
  await openForward(spec);
  return `packets of ${spec.bridge} pass`;
}

async function reclaim(facts: Facts, name: string): Promise<string> {
  const store = openHostStore(dataDirOf(networkOf(facts, name).network.conf));
  const freed = await store.reclaim({ network: name });
  return `freed ${freed.map(describeAllocation).join(', ')}`;
}

/** Any transaction sets a damaged file aside and rebuilds it; one that frees nothing is the least of them. */
async function rebuildState(facts: Facts, name: string): Promise<string> {
  const store = openHostStore(dataDirOf(networkOf(facts, name).network.conf));
  await store.retain('', []);
  return `rebuilt ${store.path}, the damaged one is kept beside it`;
}

async function masquerade(facts: Facts, name: string): Promise<string> {
  const { subnets, network, rules } = networkOf(facts, name);
  const backend = rules?.backend ?? chooseBackend(network.conf.ipMasqBackend);
  await ensureRules({ network: name, masquerade: subnets, backend, elements: [] });
  // Whatever took the masquerade has hardly left the published ports.
  await replay(dataDirOf(network.conf));
  return `masquerade of ${subnets.join(', ')} set`;
}

async function putBackRules(facts: Facts, name: string): Promise<string> {
  const { attachments } = await replay(dataDirOf(networkOf(facts, name).network.conf));
  return `rules of ${count(attachments, 'container')} put back`;
}

async function apply(fix: Fix, facts: Facts): Promise<string> {
  switch (fix.kind) {
    case 'ip-forward':
      ensureSysctl(fix.key, '1');
      return `set ${fix.key.replaceAll('/', '.')} to 1`;
    case 'forward-rules':
      return letPass(facts, fix.network);
    case 'bridge':
      return restoreBridge(networkOf(facts, fix.network));
    case 'port':
      await run({ tool: 'ip', args: ['link', 'set', 'dev', fix.link, 'master', fix.bridge, 'up'] });
      return `${fix.link} is in ${fix.bridge} again`;
    case 'masquerade':
      return masquerade(facts, fix.network);
    case 'rules':
      return putBackRules(facts, fix.network);
    case 'dead-entries':
      return reclaim(facts, fix.network);
    case 'state-file':
      return rebuildState(facts, fix.network);
    case 'executable-bit':
      makeExecutable(fix.path);
      return `chmod 755 ${fix.path}`;
  }
}

function keyOf(fix: Fix): string {
  return JSON.stringify(fix);
}

/** Applies every remedy that is safe, one after the other; one that fails does not stop the next. */
export async function applyFixes(findings: readonly Finding[], facts: Facts): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const seen = new Set<string>();
  for (const finding of findings) {
    const { fix } = finding;
    if (fix === undefined || seen.has(keyOf(fix))) continue;
    seen.add(keyOf(fix));
    try {
      outcomes.push({ finding, said: await apply(fix, facts), failed: false });
    } catch (error) {
      outcomes.push({ finding, said: error instanceof Error ? error.message : String(error), failed: true });
    }
  }
  return outcomes;
}
