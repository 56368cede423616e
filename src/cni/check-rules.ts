import { forwardGaps } from '../bridge/forward.ts';
import { listedSubnets, masqueradeChain } from '../bridge/masquerade.ts';
import { subnetsByIptables } from '../bridge/masquerade-iptables.ts';
import { listTables } from '../bridge/rules.ts';
import type { Element } from '../bridge/table.ts';
import { chainGaps, missingElements } from '../bridge/table-listing.ts';
import { sameAttachment } from '../ipam/state.ts';
import { familyOf } from '../veth/plan.ts';
import { hostIfname } from '../veth/name.ts';
import { recallForeign } from './foreign.ts';
import { openHostStore } from './holders.ts';
import { subnetOf } from './lease.ts';
import { type Memory, memorize, recall } from './memory.ts';
import type { Request } from './request.ts';
import { elementsOf } from './rules.ts';
import type { ResultIP } from './types.ts';

/** What ADD remembered; where IPAM is delegated, what it would remember of this request. */
async function memoryOf(request: Request): Promise<Memory> {
  const { conf, attachment } = request;
  const asked = memorize(conf, [], conf.portMappings);
  if (conf.ipam.kind === 'delegated') return recallForeign(hostIfname(attachment))?.memory ?? asked;
  const held = await openHostStore(conf.ipam.dataDir).list({ network: conf.name });
  return recall(held.find((allocation) => sameAttachment(allocation, attachment))?.data) ?? asked;
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

/** What is missing of an attachment's rules, one sentence each. */
export async function checkRules(request: Request, ips: readonly ResultIP[]): Promise<readonly string[]> {
  const memory = await memoryOf(request);
  const addresses = ips.map(({ address }) => address.split('/')[0] ?? '');
  const subnets = ips.map(({ address }) => {
    const [text = '', prefix = ''] = address.split('/');
    return subnetOf({ family: familyOf(text), address: text, prefix: Number(prefix), gateway: undefined });
  });
  const elements = elementsOf(memory, hostIfname(request.attachment), addresses);
  const families = [...new Set(addresses.map(familyOf))];
  const { ipMasq, name } = request.conf;
  const byIptables = memory.ipMasqBackend === 'iptables';
  const needsTables = elements.length > 0 || (ipMasq && !byIptables);
  const [listing, gaps, listed] = await Promise.all([
    needsTables ? listTables() : '',
    memory.forward ? forwardGaps({ bridge: memory.bridge, families }) : [],
    ipMasq && byIptables ? subnetsByIptables(name) : [],
  ]);
  const masqueraded = byIptables ? listed : subnetsByNft(name, listing);
  return [
    ...(ipMasq ? describeUnmasqueraded([...new Set(subnets)], masqueraded) : []),
    ...missingElements(elements, listing).map(describeMissing),
    ...chainGaps(elements, listing),
    ...gaps,
  ];
}
