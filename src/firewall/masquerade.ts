import type { Context } from '../sys/context.ts';
import type { RuleInfo } from '../sys/netlink/nfnetlink-read.ts';
import { isMissing, nft } from '../sys/process/nft.ts';
import { findTool } from '../sys/process/tool.ts';
import { subnetsByIptables } from './masquerade-iptables.ts';
import { TABLE } from './table.ts';

/** What masquerades: the reference bridge's `ipMasqBackend`. */
export type MasqueradeBackend = 'nftables' | 'iptables';

/** The backend that was asked for; else nftables, unless the machine has only iptables. */
export function chooseBackend(asked: MasqueradeBackend | undefined): MasqueradeBackend {
  if (asked !== undefined) return asked;
  return findTool('nft') === undefined && findTool('iptables') !== undefined ? 'iptables' : 'nftables';
}

/** One network's masquerade: what leaves its subnets for elsewhere takes the host's address. */
export interface MasqueradeSpec {
  readonly network: string;
  /** CIDR texts of the network's subnets. */
  readonly subnets: readonly string[];
}

/** Chain of a network; nft identifiers end at 128 characters. */
export function masqueradeChain(network: string): string {
  return `masquerade-${network}`;
}

/** nft takes no longer comment (NFTNL_UDATA_COMMENT_MAXLEN). */
const COMMENT_LIMIT = 127;

/** Says whose the rule is and what it is about; the latter alone where there is no room for both. */
function commentOf(network: string, subnet: string): string {
  const about = `subnet=${subnet}`;
  const whole = `network=${network} ${about}`;
  return whole.length <= COMMENT_LIMIT ? whole : about;
}

/** Subnets that rules with these comments masquerade. */
export function commentedSubnets(comments: readonly string[]): readonly string[] {
  return comments.flatMap((comment) => /(?:^| )subnet=(\S+)$/.exec(comment)?.[1] ?? []);
}

function rule(chain: string, spec: MasqueradeSpec, subnet: string): string {
  const [ip, multicast] = subnet.includes(':') ? ['ip6', 'ff00::/8'] : ['ip', '224.0.0.0/4'];
  return `add rule ${TABLE} ${chain} ${ip} saddr ${subnet} ${ip} daddr != { ${subnet}, ${multicast} } masquerade comment "${commentOf(spec.network, subnet)}"`;
}

/**
 * Lines that add rules, one per subnet, to the network's chain, and make that where it is not there. What the chain has
 * stays: another ADD may have put it there a moment ago, and the same rule twice does what it does once.
 */
export function planMasquerade(spec: MasqueradeSpec): readonly string[] {
  const chain = masqueradeChain(spec.network);
  return [
    `add table ${TABLE}`,
    `add chain ${TABLE} ${chain} { type nat hook postrouting priority srcnat; policy accept; }`,
    ...spec.subnets.map((subnet) => rule(chain, spec, subnet)),
  ];
}

/** A rule of the table as the kernel lists it. */
type ListedRule = Pick<RuleInfo, 'handle' | 'chain' | 'comment'>;

function planRepairOf(own: readonly ListedRule[], spec: MasqueradeSpec): readonly string[] {
  const chain = masqueradeChain(spec.network);
  if (spec.subnets.length === 0) {
    return own.length === 0 ? [] : [`flush chain ${TABLE} ${chain}`, `delete chain ${TABLE} ${chain}`];
  }
  const kept = new Set<string>();
  const surplus = own.filter(({ comment = '' }) => {
    const [subnet] = commentedSubnets([comment]);
    // A rule without our comment is not ours.
    if (subnet === undefined) return false;
    const isWanted = spec.subnets.includes(subnet) && !kept.has(subnet);
    kept.add(subnet);
    return !isWanted;
  });
  const subnets = spec.subnets.filter((subnet) => !kept.has(subnet));
  return [
    ...surplus.map(({ handle }) => `delete rule ${TABLE} ${chain} handle ${handle}`),
    ...(subnets.length === 0 ? [] : planMasquerade({ ...spec, subnets })),
  ];
}

/**
 * Lines that make each network masquerade these subnets and no others; none where it is so. Rules that are right stay as
 * they are: an ADD may rely on them at this moment.
 *
 * @param wanted by network; without subnets its chain goes.
 */
export function planMasqueradeRepair(
  rules: readonly ListedRule[],
  wanted: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  return [...wanted].flatMap(([network, subnets]) => {
    const own = rules.filter(({ chain }) => chain === masqueradeChain(network));
    return planRepairOf(own, { network, subnets });
  });
}

/** Subnets that the chain of the network, as `nft list chain` prints it, masquerades already. */
export function listedSubnets(listing: string): readonly string[] {
  return [...listing.matchAll(/ saddr (\S+) .*\bmasquerade\b/g)].map((match) => match[1] ?? '');
}

/** What the kernel has for the network; an empty text when its chain is not there. */
async function listMasquerade(network: string, ctx: Context): Promise<string> {
  try {
    const { stdout } = await nft([`list chain ${TABLE} ${masqueradeChain(network)}`], ctx);
    return stdout;
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}

/** Subnets that are masqueraded for a network. */
export async function masqueradedSubnets(
  network: string,
  backend: MasqueradeBackend,
  ctx: Context,
): Promise<readonly string[]> {
  return backend === 'iptables'
    ? subnetsByIptables(network, ctx)
    : listedSubnets(await listMasquerade(network, ctx));
}
