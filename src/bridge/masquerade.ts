import { isMissing, nft } from '../sys/nft.ts';
import { findTool } from '../sys/tool.ts';
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
 * One nft transaction that makes the network's chain and its rule (one per subnet), whatever was there before:
 * adding a table or chain that exists is no error, and the flush makes the rules exactly these.
 */
export function planMasquerade(spec: MasqueradeSpec): readonly string[] {
  const chain = masqueradeChain(spec.network);
  return [
    `add table ${TABLE}`,
    `add chain ${TABLE} ${chain} { type nat hook postrouting priority srcnat; policy accept; }`,
    `flush chain ${TABLE} ${chain}`,
    ...spec.subnets.map((subnet) => rule(chain, spec, subnet)),
  ];
}

/** Subnets that the chain of the network, as `nft list chain` prints it, masquerades already. */
export function listedSubnets(listing: string): readonly string[] {
  return [...listing.matchAll(/ saddr (\S+) .*\bmasquerade\b/g)].map((match) => match[1] ?? '');
}

/** What the kernel has for the network; an empty text when its chain is not there. */
export async function listMasquerade(network: string, signal?: AbortSignal): Promise<string> {
  try {
    const { stdout } = await nft([`list chain ${TABLE} ${masqueradeChain(network)}`], signal);
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
): Promise<readonly string[]> {
  return backend === 'iptables' ? subnetsByIptables(network) : listedSubnets(await listMasquerade(network));
}

/**
 * The subnets a network's chain shall have: those asked for and those it has already (a delegated IPAM names only
 * the one it took an address from).
 */
export async function ensuredSubnets(
  network: string,
  wanted: readonly string[],
  signal?: AbortSignal,
): Promise<readonly string[]> {
  return [...new Set([...listedSubnets(await listMasquerade(network, signal)), ...wanted])];
}
