import { familyOf } from '../input/address.ts';
import type { RuleInfo } from '../sys/netlink/nfnetlink-read.ts';
import { findTool } from '../sys/process/tool.ts';
import { TABLE } from './table.ts';
import { ofLines, type Transaction } from './transaction.ts';

/** `ipMasqBackend` of the reference bridge plugin. */
export type MasqueradeBackend = 'nftables' | 'iptables';

/** The configured backend; else nftables, unless the machine has only iptables. */
export function chooseBackend(asked: MasqueradeBackend | undefined): MasqueradeBackend {
  if (asked !== undefined) return asked;
  return findTool('nft') === undefined && findTool('iptables') !== undefined ? 'iptables' : 'nftables';
}

/** What leaves a subnet takes the address `to`; without one, the address of the link it leaves by (masquerade). */
export interface SourceNat {
  /** CIDR. */
  readonly subnet: string;
  readonly to?: string;
}

/** The rules of one network; of several for one subnet the last is the newest, and any of them will do. */
export interface MasqueradeSpec {
  readonly network: string;
  readonly nat: readonly SourceNat[];
}

/** @param outbound source addresses, at most one a family (`outbound_addr4`, `outbound_addr6`). */
export function natOf(subnets: readonly string[], outbound: readonly string[] = []): readonly SourceNat[] {
  return subnets.map((subnet) => {
    const to = outbound.find((address) => familyOf(address) === familyOf(subnet));
    return to === undefined ? { subnet } : { subnet, to };
  });
}

export function isSameNat(one: SourceNat, other: SourceNat): boolean {
  return one.subnet === other.subnet && one.to === other.to;
}

/** The newest rule for each subnet. */
export function newestOf(nat: readonly SourceNat[]): readonly SourceNat[] {
  return [...new Map(nat.map((one) => [one.subnet, one])).values()];
}

/** nft allows identifiers of 128 characters. */
export function masqueradeChain(network: string): string {
  return `masquerade-${network}`;
}

/** nft's limit for comments (NFTNL_UDATA_COMMENT_MAXLEN). */
const COMMENT_LIMIT = 127;

/** Network, source address and subnet; without the network if they do not all fit. */
function commentOf(network: string, { subnet, to }: SourceNat): string {
  const about = `${to === undefined ? '' : `to=${to} `}subnet=${subnet}`;
  const whole = `network=${network} ${about}`;
  return whole.length <= COMMENT_LIMIT ? whole : about;
}

/** A rule of flatnet's table, from the kernel or from a listing. */
type ListedRule = Pick<RuleInfo, 'handle' | 'chain' | 'comment'>;

/** From the rule's comment; `undefined` for foreign rules. */
function natIn({ comment = '' }: Pick<ListedRule, 'comment'>): SourceNat | undefined {
  const [, to, subnet] = /(?:^| )(?:to=(\S+) )?subnet=(\S+)$/.exec(comment) ?? [];
  if (subnet === undefined) return undefined;
  return to === undefined ? { subnet } : { subnet, to };
}

/** The rules that a network has. */
export function listedNat(
  rules: readonly Pick<ListedRule, 'chain' | 'comment'>[],
  network: string,
): readonly SourceNat[] {
  const chain = masqueradeChain(network);
  return rules.flatMap((one) => (one.chain === chain ? (natIn(one) ?? []) : []));
}

function rule(chain: string, network: string, nat: SourceNat): string {
  const { subnet, to } = nat;
  const [ip, multicast] = familyOf(subnet) === 6 ? ['ip6', 'ff00::/8'] : ['ip', '224.0.0.0/4'];
  const verdict = to === undefined ? 'masquerade' : `snat ${ip} to ${to}`;
  return `add rule ${TABLE} ${chain} ${ip} saddr ${subnet} ${ip} daddr != { ${subnet}, ${multicast} } ${verdict} comment "${commentOf(network, nat)}"`;
}

/**
 * Adds one rule per subnet to the network's chain, which is created if missing. Existing rules stay: a concurrent ADD
 * may have added them, and a duplicate does no harm.
 */
export function planMasquerade({ network, nat }: MasqueradeSpec): Transaction {
  const chain = masqueradeChain(network);
  return ofLines([
    `add table ${TABLE}`,
    `add chain ${TABLE} ${chain} { type nat hook postrouting priority srcnat; policy accept; }`,
    ...nat.map((one) => rule(chain, network, one)),
  ]);
}

function ownRules(rules: readonly ListedRule[], network: string): readonly ListedRule[] {
  return rules.filter(({ chain }) => chain === masqueradeChain(network));
}

function removals(network: string, surplus: readonly ListedRule[]): readonly string[] {
  return surplus.map(({ handle }) => `delete rule ${TABLE} ${masqueradeChain(network)} handle ${handle}`);
}

/** Rules that give a subnet another source address than a wanted one does. */
export function outdatedRules(
  rules: readonly ListedRule[],
  { network, nat }: MasqueradeSpec,
): readonly ListedRule[] {
  return ownRules(rules, network).filter((one) => {
    const seen = natIn(one);
    return nat.some(({ subnet, to }) => subnet === seen?.subnet && to !== seen.to);
  });
}

/** `planMasquerade` in place of the network's outdated rules. */
export function planMasqueradeChange(outdated: readonly ListedRule[], spec: MasqueradeSpec): Transaction {
  return ofLines([...removals(spec.network, outdated), ...planMasquerade(spec).lines]);
}

function planRepairOf(own: readonly ListedRule[], { network, nat }: MasqueradeSpec): readonly string[] {
  const chain = masqueradeChain(network);
  if (nat.length === 0) {
    return own.length === 0 ? [] : [`flush chain ${TABLE} ${chain}`, `delete chain ${TABLE} ${chain}`];
  }
  const kept = new Set<string>();
  const surplus = own.filter((one) => {
    const seen = natIn(one);
    if (seen === undefined) return false;
    const isWanted = nat.some((wanted) => isSameNat(wanted, seen)) && !kept.has(seen.subnet);
    if (isWanted) kept.add(seen.subnet);
    return !isWanted;
  });
  const missing = newestOf(nat).filter(({ subnet }) => !kept.has(subnet));
  return [
    ...removals(network, surplus),
    ...(missing.length === 0 ? [] : planMasquerade({ network, nat: missing }).lines),
  ];
}

/**
 * Correct rules stay in place: a concurrent ADD may rely on them.
 * @param wanted exact rules by network; the chain of a network without rules is deleted.
 */
export function planMasqueradeRepair(
  rules: readonly ListedRule[],
  wanted: ReadonlyMap<string, readonly SourceNat[]>,
): Transaction {
  return ofLines(
    [...wanted].flatMap(([network, nat]) => planRepairOf(ownRules(rules, network), { network, nat })),
  );
}
