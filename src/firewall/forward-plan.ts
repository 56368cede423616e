import type { ListedChain, ListedRule } from './ruleset.ts';

/** What has to pass the host's other firewalls. */
export interface ForwardSpec {
  readonly bridge: string;
  readonly families: readonly (4 | 6)[];
}

/** Docker keeps this chain before all of its own, for the rules of others. */
const DOCKER_CHAIN = 'DOCKER-USER';
const OWN_TABLE = 'flatnet';
const FIREWALLD_TABLE = 'firewalld';
const SIDES = ['iifname', 'oifname'] as const;

/**
 * A rule that lets the packets of some bridge pass, ours whoever printed it: iptables-restore brings back what nft
 * wrote in a form of its own and drops the comment nft shows.
 */
const PASS = /^(iifname|oifname) "([^"]+)"\s+(counter\s+)?(packets \d+ bytes \d+\s+)?accept( comment ".*")?$/;

function passes(rule: ListedRule, bridge: string): boolean {
  return PASS.exec(rule.text)?.[2] === bridge;
}

/** True where accepting a packet in another table does not help: this chain drops it, or may. */
function mayRefuse({ hook, rules }: ListedChain): boolean {
  return hook.includes('policy drop') || rules.some(({ text }) => !/\baccept\b/.test(text));
}

function concerns({ family }: ListedChain, { families }: ForwardSpec): boolean {
  if (family === 'inet') return true;
  return (family === 'ip' && families.includes(4)) || (family === 'ip6' && families.includes(6));
}

function isForeign({ table }: ListedChain): boolean {
  return table !== OWN_TABLE && table !== FIREWALLD_TABLE;
}

/** What the owner of a chain provides for the rules of others, else the chain itself. */
function placeFor(chain: ListedChain, chains: readonly ListedChain[]): ListedChain {
  const jumps = chain.rules.some(({ text }) => text.endsWith(`jump ${DOCKER_CHAIN}`));
  const provided = chains.find(
    ({ family, table, name }) => family === chain.family && table === chain.table && name === DOCKER_CHAIN,
  );
  return jumps && provided !== undefined ? provided : chain;
}

function hookedChains(chains: readonly ListedChain[], spec: ForwardSpec): readonly ListedChain[] {
  return chains.filter(
    (chain) => chain.hook.includes('hook forward') && isForeign(chain) && concerns(chain, spec),
  );
}

/** The chains that our rules belong into. */
function decidingChains(chains: readonly ListedChain[], spec: ForwardSpec): readonly ListedChain[] {
  return hookedChains(chains, spec)
    .filter(mayRefuse)
    .map((chain) => placeFor(chain, chains));
}

/** True when both rules stand before any that could refuse: only rules of that kind may come first. */
function isOpen({ rules }: Pick<ListedChain, 'rules'>, bridge: string): boolean {
  const end = rules.findIndex(({ text }) => !PASS.test(text));
  const first = end < 0 ? rules : rules.slice(0, end);
  return SIDES.every((side) =>
    first.some((rule) => passes(rule, bridge) && rule.text.startsWith(`${side} `)),
  );
}

function nameOf({ family, table, name }: ListedChain): string {
  return `${family} ${table} ${name}`;
}

const REFUSAL = /\b(drop|reject)\b/;

function refuses({ hook, rules }: ListedChain): boolean {
  return hook.includes('policy drop') || rules.some(({ text }) => REFUSAL.test(text));
}

/** True when both rules are reached: they need not be first, a plugin chained behind flatnet may put a jump there. */
function isReached({ rules }: ListedChain, bridge: string): boolean {
  const end = rules.findIndex(({ text }) => REFUSAL.test(text));
  return isOpen(
    { rules: (end < 0 ? rules : rules.slice(0, end)).filter((rule) => passes(rule, bridge)) },
    bridge,
  );
}

/** Names of the chains that refuse the bridge's packets, for want of our rules. */
export function closedChains(chains: readonly ListedChain[], spec: ForwardSpec): readonly string[] {
  return hookedChains(chains, spec)
    .filter(refuses)
    .filter((chain) => !isReached(placeFor(chain, chains), spec.bridge))
    .map(nameOf);
}

/** One nft transaction that lets the bridge's packets pass, its rules at the top; no line where they do. */
export function planForward(chains: readonly ListedChain[], spec: ForwardSpec): readonly string[] {
  return decidingChains(chains, spec)
    .filter((chain) => !isOpen(chain, spec.bridge))
    .flatMap((chain) => [
      ...planRemoval([chain], spec.bridge),
      ...SIDES.map(
        (side) => `insert rule ${nameOf(chain)} ${side} "${spec.bridge}" counter accept comment "flatnet"`,
      ),
    ]);
}

function planRemoval(chains: readonly ListedChain[], bridge: string): readonly string[] {
  return chains.flatMap((chain) =>
    chain.rules
      .filter((rule) => passes(rule, bridge))
      .map(({ handle }) => `delete rule ${nameOf(chain)} handle ${handle}`),
  );
}

/** Lines that take the bridge's rules away, wherever they stand. */
export function planForwardRemoval(chains: readonly ListedChain[], bridge: string): readonly string[] {
  return planRemoval(chains.filter(isForeign), bridge);
}

/** True where firewalld filters: it refuses what comes from an interface that no zone of it trusts. */
export function hasFirewalld(chains: readonly ListedChain[]): boolean {
  return chains.some(({ table }) => table === FIREWALLD_TABLE);
}
