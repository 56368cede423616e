import { familyOf } from '../input/address.ts';
import { DNS_PORT } from '../input/dns-port.ts';
import type { ListedChain, ListedRule, Ruleset } from './ruleset.ts';
import { ofLines, type Transaction } from './transaction.ts';
import { accepts, inputOf, portOf, refuses } from './verdicts.ts';

/** Questions from a bridge to its own addresses. */
export interface InputSpec {
  readonly bridge: string;
  readonly addresses: readonly string[];
  /** Where the server listens, and questions are led before they come here; absent: 53. */
  readonly port?: number | undefined;
}

export const PROTOCOLS = ['udp', 'tcp'] as const;
const OTHERS = ['inet flatnet', 'inet firewalld'];
/** Tables of iptables-nft, which must find no rule that it cannot print. */
export const OF_IPTABLES: Readonly<Record<string, 4 | 6>> = { 'ip filter': 4, 'ip6 filter': 6 };

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
