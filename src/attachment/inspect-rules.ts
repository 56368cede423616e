import { forwardGaps } from '../firewall/forward.ts';
import { listedSubnets, masqueradeChain } from '../firewall/masquerade.ts';
import { subnetsByIptables } from '../firewall/masquerade-iptables.ts';
import { listTables } from '../firewall/rules.ts';
import { guardGaps } from '../firewall/spoof-ingress.ts';
import type { Element } from '../firewall/table.ts';
import { chainGaps, missingElements } from '../firewall/table-listing.ts';
import { sameAttachment } from '../ipam/state.ts';
import { familyOf } from '../veth/plan.ts';
import { hostIfname } from '../veth/name.ts';
import { recallForeign } from './foreign.ts';
import { openHostStore } from './store.ts';
import { subnetOf } from './lease.ts';
import { type Memory, memorizeJob, recall } from './intent.ts';
import type { Job } from './spec.ts';
import { elementsOf, ownGuard } from './rules.ts';
import type { ExpectedAddress } from './inspect.ts';

/** Makes links, addresses and routes anew, and rules of which nothing is remembered. */
export const RESTART = 'restart the container to attach it anew';

/** What ADD remembered; `undefined` where that was lost. */
async function rememberedOf({ network, attachment, ctx }: Job): Promise<Memory | undefined> {
  if (network.ipam.from === 'source') return recallForeign(hostIfname(attachment))?.memory;
  const held = await openHostStore(network.ipam.dataDir, ctx).list({ network: network.name });
  return recall(held.find((allocation) => sameAttachment(allocation, attachment))?.data);
}

/** As a shell takes it for one word. */
function quoted(path: string): string {
  return /^[\w/.-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** What puts rules back that are gone: a reload, which disturbs nobody, as long as it knows what they were. */
function remedyFor({ network: { ipam } }: Job, remembered: Memory | undefined): string {
  if (remembered === undefined) return RESTART;
  const dataDir = ipam.from === 'pool' ? ipam.dataDir : undefined;
  const where = dataDir === undefined ? '' : ` --data-dir ${quoted(dataDir)}`;
  return `put the rules back: sudo flatnet reload${where}`;
}

/** `Published port "tcp . 8080" to 10.87.1.2 . 80 is gone`. */
export function describeMissing({ set, key, value }: Element): string {
  return value === undefined
    ? `Rule "${set}" of ${key} is gone`
    : `Published port "${key}" to ${value} is gone`;
}

/** Subnets of a network that the tables, as nft prints them, masquerade. */
function subnetsByNft(network: string, listing: string): readonly string[] {
  const chain = listing.split(`chain ${masqueradeChain(network)} {`)[1]?.split('\n\t}')[0] ?? '';
  return listedSubnets(chain);
}

function describeUnmasqueraded(subnets: readonly string[], listed: readonly string[]): readonly string[] {
  return subnets
    .filter((subnet) => !listed.includes(subnet))
    .map((subnet) => `Masquerade rule for ${subnet} is gone`);
}

/** What CHECK found: one sentence for each difference, and what puts it right. */
export interface Differences {
  readonly found: readonly string[];
  readonly remedy: string;
}

/** What is missing of an attachment's rules. Where nothing is remembered, they are what the job would need. */
export async function checkRules(job: Job, ips: readonly ExpectedAddress[]): Promise<Differences> {
  const { ctx } = job;
  const remembered = await rememberedOf(job);
  const memory = remembered ?? memorizeJob(job, []);
  const addresses = ips.map(({ address }) => address.split('/')[0] ?? '');
  const subnets = ips.map(({ address }) => {
    const [text = '', prefix = ''] = address.split('/');
    return subnetOf({ family: familyOf(text), address: text, prefix: Number(prefix), gateway: undefined });
  });
  const owner = hostIfname(job.attachment);
  const elements = elementsOf(memory, owner, addresses);
  const guard = ownGuard(memory, owner, addresses);
  const families = [...new Set(addresses.map(familyOf))];
  const { ipMasq, name } = job.network;
  const byIptables = memory.ipMasqBackend === 'iptables';
  const needsTables = elements.length > 0 || (ipMasq && !byIptables);
  const [listing, gaps, listed] = await Promise.all([
    needsTables ? listTables(ctx) : '',
    memory.forward ? forwardGaps({ bridge: memory.bridge, families }, ctx) : [],
    ipMasq && byIptables ? subnetsByIptables(name, ctx) : [],
  ]);
  const masqueraded = byIptables ? listed : subnetsByNft(name, listing);
  const found = [
    ...(ipMasq ? describeUnmasqueraded([...new Set(subnets)], masqueraded) : []),
    ...missingElements(elements, listing).map(describeMissing),
    ...chainGaps(elements, listing),
    ...guardGaps(guard === undefined ? [] : [guard], ctx),
    ...gaps,
  ];
  return { found, remedy: remedyFor(job, remembered) };
}
