import { openForward } from '../bridge/forward.ts';
import { enableForwarding } from '../bridge/kernel.ts';
import { type MasqueradeBackend, planMasquerade } from '../bridge/masquerade.ts';
import { ensureByIptables } from '../bridge/masquerade-iptables.ts';
import { listTables } from '../bridge/rules.ts';
import { type Element, planAdditions, planFlush, planTables } from '../bridge/table.ts';
import { missingElements, parseOwned } from '../bridge/table-listing.ts';
import { hasLink } from '../sys/proc.ts';
import { nft } from '../sys/nft.ts';
import { findTool } from '../sys/tool.ts';
import { familyOf } from '../veth/plan.ts';
import { hostIfname } from '../veth/name.ts';
import { describeMissing } from './check-rules.ts';
import { type ForeignAttachment, listForeign } from './foreign.ts';
import { openHostStore } from './holders.ts';
import { recall } from './memory.ts';
import { elementsOf, networkElements, openLoopback, ownElements } from './rules.ts';

/** An attachment whose pair is there, whoever gave its addresses. */
type Remembered = ForeignAttachment;

/** What `replay` put back. */
export interface Replayed {
  readonly attachments: number;
  /** Published ports, over all address families. */
  readonly ports: number;
  readonly networks: readonly string[];
  /** Attachments of which nothing is remembered: their state was lost and rebuilt from their links. */
  readonly unknown: readonly string[];
}

interface Gathered {
  readonly remembered: readonly Remembered[];
  readonly unknown: readonly string[];
}

async function recallAttached(dataDir: string | undefined): Promise<Gathered> {
  const byOwner = new Map<string, Remembered>();
  const foreign = listForeign();
  const unknown = new Set<string>();
  for (const allocation of await openHostStore(dataDir).list()) {
    const owner = hostIfname(allocation);
    // Lost state is rebuilt from all links: foreign ones too.
    if (!hasLink(owner) || foreign.some((one) => one.owner === owner)) continue;
    const memory = recall(allocation.data);
    if (memory === undefined) unknown.add(allocation.containerID);
    else {
      const addresses = [...(byOwner.get(owner)?.addresses ?? []), allocation.address];
      byOwner.set(owner, { network: allocation.network, owner, addresses, memory });
    }
  }
  return { remembered: [...byOwner.values(), ...foreign], unknown: [...unknown] };
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

async function replayTables(
  elements: readonly Element[],
  networks: ReturnType<typeof subnetsOf>,
): Promise<void> {
  // A machine that has only iptables has networks that need nothing else.
  if (elements.length === 0 && networks.size === 0 && findTool('nft') === undefined) return;
  await nft([
    ...planTables(elements),
    ...planFlush(elements),
    ...[...networks].flatMap(([network, subnets]) => planMasquerade({ network, subnets: [...subnets] })),
    ...planAdditions(elements),
  ]);
}

/**
 * Puts back every rule of every attachment from what the allocations remember: one nft transaction, in which nothing
 * that is right is missing for a moment, and then the host's other firewalls.
 */
export async function replay(dataDir: string | undefined): Promise<Replayed> {
  const { remembered, unknown } = await recallAttached(dataDir);
  const own = remembered.flatMap(({ memory, owner, addresses }) => ownElements(memory, owner, addresses));
  const shared = remembered.flatMap(({ memory, addresses }) => networkElements(memory, addresses));
  const unclaimed = unknownElements(parseOwned(await listTables()), remembered);
  const elements = withoutClashes([...own, ...shared, ...unclaimed]);
  await replayTables(elements, subnetsOf(remembered, 'nftables'));
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
 * What `replay` would put back for the attachments of one network, besides its masquerade: one sentence for each
 * published port or other rule that the kernel has not.
 */
export async function missingRules(network: string, dataDir: string | undefined): Promise<readonly string[]> {
  const { remembered } = await recallAttached(dataDir);
  const elements = remembered
    .filter((attached) => attached.network === network)
    .flatMap(({ memory, owner, addresses }) => elementsOf(memory, owner, addresses));
  if (elements.length === 0) return [];
  const missing = missingElements(elements, await listTables());
  // Published ports are what people miss; they come first.
  const [ports, others] = [true, false].map((isPort) =>
    missing.filter((one) => (one.value !== undefined) === isPort),
  );
  return [...new Set([...(ports ?? []), ...(others ?? [])].map(describeMissing))];
}
