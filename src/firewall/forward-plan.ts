import type { ListedChain, ListedRule, Ruleset } from './ruleset.ts';
import { ofLines, type Transaction } from './transaction.ts';
import { accepts, jumpsTo, type Pass, passOf, refuses } from './verdicts.ts';

export interface ForwardSpec {
  readonly bridge: string;
  readonly families: readonly (4 | 6)[];
  /** Zone of firewalld; absent: trusted. */
  readonly zone?: string | undefined;
}

/** Docker's chain for other programs' rules, ahead of its own. */
const DOCKER_CHAIN = 'DOCKER-USER';
const OWN_TABLE = 'flatnet';
const FIREWALLD_TABLE = 'firewalld';
const SIDES: readonly Pass['side'][] = ['iifname', 'oifname'];

function splitTable({ table }: ListedChain): { readonly family: string; readonly name: string } {
  const [family = '', name = ''] = table.split(' ');
  return { family, name };
}

/** Whether flatnet may insert rules: the chain sees forwarded packets, or is provided for other programs' rules. */
export function isForwardChain(chain: ListedChain): boolean {
  const { family, name } = splitTable(chain);
  if (!['inet', 'ip', 'ip6'].includes(family) || name === OWN_TABLE || name === FIREWALLD_TABLE) return false;
  return chain.hook === 'forward' || chain.name === DOCKER_CHAIN;
}

interface Filled extends ListedChain {
  readonly rules: readonly ListedRule[];
}

function forwardChains({ chains, rules }: Ruleset): readonly Filled[] {
  return chains.filter(isForwardChain).map((chain) => ({
    ...chain,
    rules: rules.filter((rule) => rule.table === chain.table && rule.chain === chain.name),
  }));
}

/** Base chains that decide about forwarded packets of these families. */
function hookedChains(chains: readonly Filled[], { families }: ForwardSpec): readonly Filled[] {
  const concerned = ['inet', ...families.map((family) => (family === 4 ? 'ip' : 'ip6'))];
  return chains.filter((chain) => chain.hook === 'forward' && concerned.includes(splitTable(chain).family));
}

/** The chain provided for other programs' rules, if the chain jumps to one; else the chain itself. */
function placeFor(chain: Filled, chains: readonly Filled[]): Filled {
  const provided = chains.find(({ table, name }) => table === chain.table && name === DOCKER_CHAIN);
  const isUsed = chain.rules.some((rule) => jumpsTo(rule, DOCKER_CHAIN));
  return isUsed && provided !== undefined ? provided : chain;
}

function haveBoth(passes: readonly (Pass | undefined)[], bridge: string): boolean {
  return SIDES.every((side) => passes.some((pass) => pass?.side === side && pass.link === bridge));
}

function before<T>(list: readonly T[], ends: (item: T) => boolean): readonly T[] {
  const end = list.findIndex(ends);
  return end < 0 ? list : list.slice(0, end);
}

/** Whether both rules precede any that could refuse: only rules of that kind may come first. */
function isOpen({ rules }: Filled, bridge: string): boolean {
  return haveBoth(
    before(rules.map(passOf), (pass) => pass === undefined),
    bridge,
  );
}

/**
 * Whether packets reach both rules. They need not be first: a plugin chained behind flatnet may insert a jump there.
 */
function isReached({ rules }: Filled, bridge: string): boolean {
  return haveBoth(before(rules, refuses).map(passOf), bridge);
}

/** Whether the chain drops, or may drop, a packet that another table accepts. */
function mayRefuse({ policy, rules }: Filled): boolean {
  return policy === 'drop' || rules.some((rule) => refuses(rule) || !accepts(rule));
}

function doesRefuse({ policy, rules }: Filled): boolean {
  return policy === 'drop' || rules.some(refuses);
}

function nameOf({ table, name }: ListedChain): string {
  return `${table} ${name}`;
}

/** Chains that refuse the bridge's packets for lack of our rules. */
export function closedChains(ruleset: Ruleset, spec: ForwardSpec): readonly string[] {
  const chains = forwardChains(ruleset);
  return hookedChains(chains, spec)
    .filter(doesRefuse)
    .filter((chain) => !isReached(placeFor(chain, chains), spec.bridge))
    .map(nameOf);
}

function removals(chains: readonly Filled[], bridge: string): readonly string[] {
  return chains.flatMap((chain) =>
    chain.rules
      .filter((rule) => passOf(rule)?.link === bridge)
      .map(({ handle }) => `delete rule ${nameOf(chain)} handle ${handle}`),
  );
}

/** Inserts the bridge's accept rules at the top; empty where its packets pass already. */
export function planForward(ruleset: Ruleset, spec: ForwardSpec): Transaction {
  const chains = forwardChains(ruleset);
  const lines = hookedChains(chains, spec)
    .filter(mayRefuse)
    .map((chain) => placeFor(chain, chains))
    .filter((chain) => !isOpen(chain, spec.bridge))
    .flatMap((chain) => [
      ...removals([chain], spec.bridge),
      ...SIDES.map(
        (side) => `insert rule ${nameOf(chain)} ${side} "${spec.bridge}" counter accept comment "flatnet"`,
      ),
    ]);
  return ofLines(lines);
}

export function planForwardRemoval(ruleset: Ruleset, bridge: string): Transaction {
  return ofLines(removals(forwardChains(ruleset), bridge));
}

/** firewalld refuses packets of interfaces outside its trusted zone. */
export function hasFirewalld({ chains }: Ruleset): boolean {
  return chains.some((chain) => splitTable(chain).name === FIREWALLD_TABLE);
}
