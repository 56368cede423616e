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

/** Packets leaving a network's subnets take the host's address. */
export interface MasqueradeSpec {
  readonly network: string;
  /** CIDRs of the network's subnets. */
  readonly subnets: readonly string[];
}

/** nft allows identifiers of 128 characters. */
export function masqueradeChain(network: string): string {
  return `masquerade-${network}`;
}

/** nft's limit for comments (NFTNL_UDATA_COMMENT_MAXLEN). */
const COMMENT_LIMIT = 127;

/** Network and subnet; the subnet alone if both do not fit. */
function commentOf(network: string, subnet: string): string {
  const about = `subnet=${subnet}`;
  const whole = `network=${network} ${about}`;
  return whole.length <= COMMENT_LIMIT ? whole : about;
}

/** A rule of flatnet's table, from the kernel or from a listing. */
type ListedRule = Pick<RuleInfo, 'handle' | 'chain' | 'comment'>;

/** From the rule's comment; `undefined` for foreign rules. */
function subnetOf({ comment = '' }: Pick<ListedRule, 'comment'>): string | undefined {
  return /(?:^| )subnet=(\S+)$/.exec(comment)?.[1];
}

export function masqueradedSubnets(
  rules: readonly Pick<ListedRule, 'chain' | 'comment'>[],
  network: string,
): readonly string[] {
  const chain = masqueradeChain(network);
  return rules.flatMap((one) => (one.chain === chain ? (subnetOf(one) ?? []) : []));
}

function rule(chain: string, spec: MasqueradeSpec, subnet: string): string {
  const [ip, multicast] = familyOf(subnet) === 6 ? ['ip6', 'ff00::/8'] : ['ip', '224.0.0.0/4'];
  return `add rule ${TABLE} ${chain} ${ip} saddr ${subnet} ${ip} daddr != { ${subnet}, ${multicast} } masquerade comment "${commentOf(spec.network, subnet)}"`;
}

/**
 * Adds one rule per subnet to the network's chain, which is created if missing. Existing rules stay: a concurrent ADD
 * may have added them, and a duplicate does no harm.
 */
export function planMasquerade(spec: MasqueradeSpec): Transaction {
  const chain = masqueradeChain(spec.network);
  return ofLines([
    `add table ${TABLE}`,
    `add chain ${TABLE} ${chain} { type nat hook postrouting priority srcnat; policy accept; }`,
    ...spec.subnets.map((subnet) => rule(chain, spec, subnet)),
  ]);
}

function planRepairOf(own: readonly ListedRule[], spec: MasqueradeSpec): readonly string[] {
  const chain = masqueradeChain(spec.network);
  if (spec.subnets.length === 0) {
    return own.length === 0 ? [] : [`flush chain ${TABLE} ${chain}`, `delete chain ${TABLE} ${chain}`];
  }
  const kept = new Set<string>();
  const surplus = own.filter((one) => {
    const subnet = subnetOf(one);
    if (subnet === undefined) return false;
    const isWanted = spec.subnets.includes(subnet) && !kept.has(subnet);
    kept.add(subnet);
    return !isWanted;
  });
  const subnets = spec.subnets.filter((subnet) => !kept.has(subnet));
  return [
    ...surplus.map(({ handle }) => `delete rule ${TABLE} ${chain} handle ${handle}`),
    ...(subnets.length === 0 ? [] : planMasquerade({ ...spec, subnets }).lines),
  ];
}

/**
 * Correct rules stay in place: a concurrent ADD may rely on them.
 * @param wanted exact subnets by network; the chain of a network without subnets is deleted.
 */
export function planMasqueradeRepair(
  rules: readonly ListedRule[],
  wanted: ReadonlyMap<string, readonly string[]>,
): Transaction {
  const lines = [...wanted].flatMap(([network, subnets]) => {
    const own = rules.filter(({ chain }) => chain === masqueradeChain(network));
    return planRepairOf(own, { network, subnets });
  });
  return ofLines(lines);
}
