import { familyOf } from '../input/address.ts';
import type { Context } from '../sys/context.ts';
import { run, runToEnd } from '../sys/process/run.ts';
import { hasFirewalld } from './forward-plan.ts';
import { type InputSpec, isInputChain, planInput } from './input-plan.ts';
import { inputTools } from './input.ts';
import { listChains } from './listing.ts';
import type { ListedChain, Ruleset } from './ruleset.ts';
import { accepts, refuses } from './verdicts.ts';

/*
 * Which firewall may keep the questions of a bridge from the server of its names. Nobody can tell from rules alone whether one
 * does: this is for the case that questions were seen to get no answer.
 */

/** A firewall that may refuse, as a person would name it. */
export type Refuser =
  | { readonly by: 'firewalld'; readonly zone: string }
  | { readonly by: 'ufw' }
  /** The chain INPUT of a program of that name. */
  | { readonly by: 'iptables'; readonly tool: string }
  /** Table and chain, as nft takes them. */
  | { readonly by: 'nft'; readonly chain: string };

export interface InputState {
  /** Whether flatnet's own rules are not where it puts them: to put them there may be enough. */
  readonly isDisturbed: boolean;
  readonly refusers: readonly Refuser[];
}

const OWN_TABLES = ['inet flatnet', 'inet firewalld'];
/** A rule that iptables cannot print would make it refuse to list these. */
const OF_IPTABLES = /^ip6? (filter|mangle|nat|raw|security)$/;

/** Chains that see questions before the server does. */
function seesQuestions(chain: ListedChain): boolean {
  const { table, hook, type } = chain;
  if (isInputChain(chain)) return true;
  const isFilter = hook === 'prerouting' && type === 'filter' && /^(inet|ip|ip6) /.test(table);
  return isFilter && !OWN_TABLES.includes(table) && !OF_IPTABLES.test(table);
}

function nftRefusers({ chains, rules }: Ruleset, addresses: readonly string[]): readonly Refuser[] {
  const families = ['inet', ...addresses.map((address) => (familyOf(address) === 4 ? 'ip' : 'ip6'))];
  return chains
    .filter((chain) => seesQuestions(chain) && !OF_IPTABLES.test(chain.table))
    .filter(({ table }) => families.includes(table.split(' ')[0] ?? ''))
    .filter(({ table, name, policy }) => {
      const own = rules.filter((rule) => rule.table === table && rule.chain === name);
      return policy === 'drop' || own.some((rule) => refuses(rule) || !accepts(rule));
    })
    .map(({ table, name }) => ({ by: 'nft', chain: `${table} ${name}` }));
}

/** Rules of INPUT, the policy first. */
async function listInput(tool: string, ctx: Context): Promise<readonly string[]> {
  const { stdout } = await run({ tool, args: ['-w', '5', '-S', 'INPUT'] }, ctx);
  return stdout.trim().split('\n');
}

async function lookAtIptables(
  { bridge, addresses }: InputSpec,
  ruleset: Ruleset,
  ctx: Context,
): Promise<InputState> {
  const refusers: Refuser[] = [];
  let isDisturbed = false;
  for (const tool of new Set(addresses.flatMap((address) => inputTools(familyOf(address), ruleset)))) {
    const [policy = '', ...rules] = await listInput(tool, ctx);
    if (policy.endsWith(' ACCEPT') && rules.every((rule) => rule.endsWith('-j ACCEPT'))) continue;
    const isUfw = rules.some((rule) => rule.includes(' -j ufw-'));
    refusers.push(isUfw ? { by: 'ufw' } : { by: 'iptables', tool });
    const other = rules.findIndex((rule) => !/ --comment "?flatnet"? /.test(rule));
    const first = other < 0 ? rules : rules.slice(0, other);
    isDisturbed ||= !first.some((rule) => rule.includes(` -i ${bridge} `));
  }
  return { isDisturbed, refusers };
}

/** The zone that a link is in, else the one of all others. */
async function zoneOf(bridge: string, ctx: Context): Promise<string> {
  const ask = (query: string) => runToEnd({ tool: 'firewall-cmd', args: [query], timeoutMs: 15_000 }, ctx);
  const own = await ask(`--get-zone-of-interface=${bridge}`);
  const { stdout } = own.exitCode === 0 ? own : await ask('--get-default-zone');
  return stdout.trim();
}

/** Looks at every firewall of the host; changes nothing. */
export async function inspectInput(spec: InputSpec, ctx: Context): Promise<InputState> {
  const ruleset = await listChains(seesQuestions, ctx);
  const zone = hasFirewalld(ruleset) ? await zoneOf(spec.bridge, ctx) : 'trusted';
  const iptables = await lookAtIptables(spec, ruleset, ctx);
  const plan = planInput(ruleset, spec);
  return {
    isDisturbed: iptables.isDisturbed || plan.lines.length > 0,
    refusers: [
      ...(zone === 'trusted' ? [] : [{ by: 'firewalld', zone } as const]),
      ...iptables.refusers,
      ...nftRefusers(ruleset, spec.addresses),
    ],
  };
}
