import { familyOf, splitPrefix } from '../input/address.ts';
import { forwardGaps } from '../firewall/forward.ts';
import { listMasquerade, listOwnTables } from '../firewall/listing.ts';
import { isSameNat, natOf, type SourceNat } from '../firewall/masquerade.ts';
import { EMPTY_RULESET } from '../firewall/ruleset.ts';
import { guardGaps } from '../firewall/spoof-ingress.ts';
import type { Element } from '../firewall/table.ts';
import { chainGaps, missingElements } from '../firewall/table-listing.ts';
import { sameAttachment } from '../ipam/state.ts';
import { hostIfname } from '../veth/name.ts';
import { recallForeign } from './foreign.ts';
import { namesGaps } from './names-port.ts';
import { openHostStore } from './store.ts';
import { subnetOf } from './leased.ts';
import { type Intent, intentOf, recall } from './intent.ts';
import type { ExpectedAddress, Job } from './spec.ts';
import { elementsOf, ownGuard } from './elements.ts';

/** Restores links, addresses, routes, and rules without a intent. */
export const RESTART = 'restart the container';

/** The intent stored by ADD; `undefined` if lost. */
async function rememberedOf({ network, attachment, ctx }: Job): Promise<Intent | undefined> {
  if (network.ipam.from === 'source') return recallForeign(hostIfname(attachment))?.intent;
  const held = await openHostStore(network.ipam.dataDir, ctx).list({ network: network.name });
  return recall(held.find((allocation) => sameAttachment(allocation, attachment))?.data);
}

/** Quotes a path for a shell. */
function quoted(path: string): string {
  return /^[\w/.-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** A reload restores remembered rules without disturbing others. */
function remedyFor({ network: { ipam } }: Job, remembered: Intent | undefined): string {
  if (remembered === undefined) return RESTART;
  const dataDir = ipam.from !== 'source' ? ipam.dataDir : undefined;
  const where = dataDir === undefined ? '' : ` --data-dir ${quoted(dataDir)}`;
  return `restore the rules: sudo flatnet reload${where}`;
}

/** `Published port "tcp . 8080" to 10.87.1.2 . 80 is gone`. */
export function describeMissing({ set, key, value }: Element): string {
  return value === undefined
    ? `Rule "${set}" of ${key} is gone`
    : `Published port "${key}" to ${value} is gone`;
}

/** The attachment's source address or the configured one: the next ADD of a changed network replaces the former. */
function describeUnmasqueraded(
  subnets: readonly string[],
  sources: readonly (readonly string[] | undefined)[],
  listed: readonly SourceNat[],
): readonly string[] {
  return natOf(subnets, sources[0])
    .filter(({ subnet }) => {
      const accepted = sources.flatMap((outbound) => natOf([subnet], outbound));
      return !listed.some((one) => accepted.some((wanted) => isSameNat(one, wanted)));
    })
    .map(({ subnet, to }) => `Masquerade rule for ${subnet}${to === undefined ? '' : ` to ${to}`} is gone`);
}

/** `found` has one sentence per difference. */
export interface Differences {
  readonly found: readonly string[];
  readonly remedy: string;
}

/** Missing rules of an attachment, judged by its intent or else by the request. */
export async function checkRules(job: Job, ips: readonly ExpectedAddress[]): Promise<Differences> {
  const { ctx } = job;
  const remembered = await rememberedOf(job);
  const intent = remembered ?? intentOf(job, []);
  const addresses = ips.map(({ address }) => splitPrefix(address).address);
  const subnets = ips.map(({ address }) => {
    const { address: text, prefix } = splitPrefix(address);
    return subnetOf({ family: familyOf(text), address: text, prefix: Number(prefix), gateway: undefined });
  });
  const owner = hostIfname(job.attachment);
  const elements = elementsOf(intent, owner, addresses);
  const guard = ownGuard(intent, owner, addresses);
  const families = [...new Set(addresses.map(familyOf))];
  const { ipMasq, name, outbound } = job.network;
  const backend = intent.ipMasqBackend;
  const needsTables = elements.length > 0 || (ipMasq && backend === 'nftables');
  const tables = needsTables ? listOwnTables(ctx) : Promise.resolve(EMPTY_RULESET);
  const [ruleset, gaps, masqueraded] = await Promise.all([
    tables,
    intent.forward
      ? forwardGaps({ bridge: intent.bridge, families, zone: job.network.firewalldZone }, ctx)
      : [],
    ipMasq ? listMasquerade({ network: name, backend }, ctx, () => tables) : [],
  ]);
  const found = [
    ...(ipMasq ? describeUnmasqueraded([...new Set(subnets)], [intent.outbound, outbound], masqueraded) : []),
    ...missingElements(elements, ruleset).map(describeMissing),
    ...chainGaps(elements, ruleset),
    ...guardGaps(guard === undefined ? [] : [guard], ctx),
    ...gaps,
    ...namesGaps(name, ctx),
  ];
  return { found, remedy: remedyFor(job, remembered) };
}
