import { openForward } from '../bridge/forward.ts';
import { enableForwarding } from '../bridge/kernel.ts';
import { type MasqueradeBackend, masqueradeChain, planWholeMasquerade } from '../bridge/masquerade.ts';
import { ensureByIptables } from '../bridge/masquerade-iptables.ts';
import { listTables, remakeTables } from '../bridge/rules.ts';
import type { Element } from '../bridge/table.ts';
import { chainGaps, missingElements, parseOwned, parseShared } from '../bridge/table-listing.ts';
import type { Allocation } from '../ipam/types.ts';
import { hasLink } from '../sys/proc.ts';
import { findTool, requireTool } from '../sys/tool.ts';
import { familyOf } from '../veth/plan.ts';
import { describeMissing } from './check-rules.ts';
import { type Gathered, recallAttached, type Remembered } from './remembered.ts';
import { elementsOf, networkElements, openLoopback, ownElements } from './rules.ts';

/** What `replay` put back. */
export interface Replayed {
  readonly attachments: number;
  /** Published ports, over all address families. */
  readonly ports: number;
  readonly networks: readonly string[];
  /** Addresses of attachments of which nothing is remembered. */
  readonly unknown: readonly Allocation[];
}

/** Elements of live attachments of which nothing is known here: of another data directory, or of lost state. */
function unknownElements(listed: readonly Element[], remembered: readonly Remembered[]): readonly Element[] {
  const known = new Set(remembered.map(({ owner }) => owner));
  return listed.filter(({ owner = '' }) => hasLink(owner) && !known.has(owner));
}

/** Of two that want one key the first stays, as at their ADD. */
function withoutClashes(elements: readonly Element[]): readonly Element[] {
  const byKey = new Map<string, Element>();
  for (const element of elements) {
    const key = `${element.set} ${element.key}`;
    if (!byKey.has(key)) byKey.set(key, element);
  }
  return [...byKey.values()];
}

/** Subnets to masquerade by one of the backends, by network. */
function subnetsOf(
  remembered: readonly Remembered[],
  backend: MasqueradeBackend,
): ReadonlyMap<string, ReadonlySet<string>> {
  const subnets = new Map<string, Set<string>>();
  for (const { network, memory } of remembered) {
    if (!memory.ipMasq || memory.ipMasqBackend !== backend) continue;
    const known = subnets.get(network) ?? new Set<string>();
    for (const subnet of memory.subnets) known.add(subnet);
    subnets.set(network, known);
  }
  return subnets;
}

async function replayForwarding(remembered: readonly Remembered[]): Promise<void> {
  const byBridge = new Map<string, Set<4 | 6>>();
  for (const { memory, addresses } of remembered) {
    if (!memory.forward) continue;
    const families = byBridge.get(memory.bridge) ?? new Set<4 | 6>();
    for (const address of addresses) families.add(familyOf(address));
    byBridge.set(memory.bridge, families);
  }
  for (const [bridge, families] of byBridge) {
    enableForwarding([...families]);
    await openForward({ bridge, families: [...families] });
  }
}

/**
 * Elements of networks that stay although nobody is known to want them: of bridges about which nothing is known here,
 * and the guard of route_localnet, which is not taken back either.
 */
function keptElements(listing: string, { remembered, unknown }: Gathered): readonly Element[] {
  const known = new Set(remembered.map(({ memory }) => memory.bridge));
  return parseShared(listing).filter(({ set, key }) => {
    const bridge = /"([^"]*)"/.exec(key)?.[1] ?? '';
    return hasLink(bridge) && (set === 'loopback' || unknown.length > 0 || !known.has(bridge));
  });
}

/** The masquerade that each network is to have; none for one that has a chain and asks for it no more. */
function planMasquerades(listing: string, remembered: readonly Remembered[]): readonly string[] {
  const wanted = subnetsOf(remembered, 'nftables');
  const networks = [...new Set(remembered.map(({ network }) => network))];
  return networks
    .filter((network) => wanted.has(network) || listing.includes(`chain ${masqueradeChain(network)} {`))
    .flatMap((network) => planWholeMasquerade({ network, subnets: [...(wanted.get(network) ?? [])] }));
}

/** Returns what was put back: not the elements of unknown attachments, which were only left as they were. */
async function replayTables(gathered: Gathered): Promise<readonly Element[]> {
  const { remembered } = gathered;
  const listing = await listTables();
  const own = remembered.flatMap(({ memory, owner, addresses }) => ownElements(memory, owner, addresses));
  const shared = remembered.flatMap(({ memory, addresses }) => networkElements(memory, addresses));
  const unclaimed = unknownElements(parseOwned(listing), remembered);
  const elements = withoutClashes([...own, ...shared, ...unclaimed, ...keptElements(listing, gathered)]);
  const lines = planMasquerades(listing, remembered);
  // A machine that has only iptables has networks that need nothing else.
  if (elements.length > 0 || lines.length > 0 || findTool('nft') !== undefined) {
    await remakeTables(elements, lines);
  }
  return elements.filter((one) => !unclaimed.includes(one));
}

/**
 * Puts back every rule of every attachment from what the allocations remember, and takes away what no attachment of its
 * network asks for any more. Nothing that is right is missing for a moment. Then the host's other firewalls.
 */
export async function replay(dataDir: string | undefined): Promise<Replayed> {
  const gathered = await recallAttached(dataDir);
  const { remembered, unknown } = gathered;
  const elements = await replayTables(gathered);
  for (const [network, subnets] of subnetsOf(remembered, 'iptables')) {
    await ensureByIptables({ network, subnets: [...subnets] });
  }
  for (const { memory, addresses } of remembered) {
    openLoopback(networkElements(memory, addresses), memory.bridge);
  }
  await replayForwarding(remembered);
  return {
    attachments: remembered.length,
    ports: elements.filter(({ value }) => value !== undefined).length,
    networks: [...new Set(remembered.map(({ network }) => network))],
    unknown,
  };
}

/**
 * Those of the published ports, as elements, that lead nowhere: neither to their attachment nor to another one.
 *
 * @throws ToolMissingError without nft.
 */
export async function lostPorts(wanted: readonly Element[]): Promise<readonly string[]> {
  if (wanted.length === 0) return [];
  requireTool('nft');
  const present = new Set(parseOwned(await listTables()).map(({ set, key }) => `${set} ${key}`));
  return wanted.filter(({ set, key }) => !present.has(`${set} ${key}`)).map(describeMissing);
}

/**
 * What `replay` would put back for the attachments of one network, besides its masquerade: one sentence for each
 * published port, chain or other rule that the kernel has not.
 *
 * @throws ToolMissingError without nft.
 */
export async function missingRules(network: string, dataDir: string | undefined): Promise<readonly string[]> {
  const { remembered } = await recallAttached(dataDir);
  const elements = remembered
    .filter((attached) => attached.network === network)
    .flatMap(({ memory, owner, addresses }) => elementsOf(memory, owner, addresses));
  if (elements.length === 0) return [];
  // Without nft they cannot be seen, which is another thing than being gone.
  requireTool('nft');
  const listing = await listTables();
  const missing = missingElements(elements, listing);
  // Published ports are what people miss; they come first.
  const [ports, others] = [true, false].map((isPort) =>
    missing.filter((one) => (one.value !== undefined) === isPort),
  );
  const sentences = [
    ...(ports ?? []).map(describeMissing),
    ...chainGaps(elements, listing),
    ...(others ?? []).map(describeMissing),
  ];
  return [...new Set(sentences)];
}
