import { type Netlink, openNetlink, PROTOCOL } from '../sys/netlink.ts';
import { isFromKernel, isRefusal } from '../sys/netlink-error.ts';
import { changeSets, changeSetsAside, readGeneration } from '../sys/nfnetlink.ts';
import { isMissing, nft } from '../sys/nft.ts';
import { hasLink } from '../sys/proc.ts';
import { findTool } from '../sys/tool.ts';
import { encodeChanges } from './element-bytes.ts';
import { requireFeature, requireGroups } from './features.ts';
import { withoutHeld } from './hairpin.ts';
import { hostAddressElements } from './host-addresses.ts';
import { type MasqueradeBackend, planMasquerade } from './masquerade.ts';
import { ensureByIptables } from './masquerade-iptables.ts';
import {
  changesBetween,
  type ElementChanges,
  type Publication,
  publish,
  type PublishedPorts,
  servedElements,
  withdraw,
} from './port-plan.ts';
import { readElements, readPorts, readSpoof } from './read-elements.ts';
import { brokenGroups, readTable, unmasqueraded } from './read-rules.ts';
import { isSpoofSet, SHARED_SETS } from './sets.ts';
import { hasGuard, INGRESS_TABLE, removeOrphanedGuards } from './spoof-ingress.ts';
import { type Element, groupsOf, planRemovals, planTables, SPOOF_TABLE, TABLE } from './table.ts';
import { missingElements } from './table-listing.ts';

/** What an attachment needs of the packet filter: its own elements, and its network's share of it. */
export interface RuleSpec {
  readonly network: string;
  /** CIDR texts of the subnets to masquerade; none: no masquerade. */
  readonly masquerade: readonly string[];
  readonly backend: MasqueradeBackend;
  /** Elements of networks, and those that keep the attachment to its own addresses. */
  readonly elements: readonly Element[];
  /** The ports that the attachment is to have; absent where only a network's rules are to be made. */
  readonly publication?: Publication;
}

async function listOne(table: string, signal?: AbortSignal): Promise<string> {
  try {
    const { stdout } = await nft([`list table ${table}`], signal);
    return stdout;
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}

/**
 * All tables of flatnet's as `nft list table` prints them; an empty text where there are none. As a whole, and one by one: nft of
 * Debian 12 finds only the last of several things that one run shall list. A machine without nft has none.
 */
export async function listTables(signal?: AbortSignal): Promise<string> {
  if (findTool('nft') === undefined) return '';
  const tables = [TABLE, SPOOF_TABLE, INGRESS_TABLE];
  return (await Promise.all(tables.map((table) => listOne(table, signal)))).join('');
}

/** Changes of elements, and the ruleset that they were planned for. */
export interface Plan extends ElementChanges {
  readonly generation: number;
}

function allOf({ active, waiting }: PublishedPorts): readonly Element[] {
  return [...active, ...waiting];
}

/**
 * What leads from one distribution of the ports to another. The sets of the host follow: what is published, and, as long
 * as anything is, which addresses are the host's.
 */
export function planPorts(netlink: Netlink, seen: PublishedPorts, next: PublishedPorts): ElementChanges {
  const ports = changesBetween(allOf(seen), allOf(next));
  const isSame = ports.remove.length === 0 && ports.add.length === 0;
  const served = isSame ? ports : changesBetween(readElements(netlink, ['served']), servedElements(next));
  const local =
    next.active.length === 0
      ? { remove: [], add: [] }
      : changesBetween(readElements(netlink, ['local4', 'local6']), hostAddressElements());
  const all = isSame ? [local] : [ports, served, local];
  return { remove: all.flatMap(({ remove }) => remove), add: all.flatMap(({ add }) => add) };
}

/** Subnets that grew take the place of smaller ones, and those within a larger one need no element. */
function planShared(netlink: Netlink, elements: readonly Element[]): ElementChanges {
  const sets = SHARED_SETS.filter((name) => elements.some(({ set }) => set === name));
  const seen = sets.flatMap((set) => readElements(netlink, [set]));
  const outgrown = seen.filter((one) => withoutHeld([one], elements).length === 0);
  const present = new Set(seen.map(({ set, key }) => `${set} ${key}`));
  const missing = withoutHeld(withoutHeld(elements, elements), seen);
  return { remove: outgrown, add: missing.filter(({ set, key }) => !present.has(`${set} ${key}`)) };
}

function planSpoof(netlink: Netlink, owner: string, elements: readonly Element[]): ElementChanges {
  const own = readSpoof(netlink).filter((element) => element.owner === owner);
  return changesBetween(own, elements);
}

function planElements(netlink: Netlink, { elements, publication }: RuleSpec): Plan {
  const generation = readGeneration(netlink);
  const shared = planShared(
    netlink,
    elements.filter(({ set }) => !isSpoofSet(set)),
  );
  if (publication === undefined) return { ...shared, generation };
  const seen = readPorts(netlink);
  const ports = planPorts(netlink, seen, publish(seen, publication));
  const spoof = planSpoof(
    netlink,
    publication.owner,
    elements.filter(({ set }) => isSpoofSet(set)),
  );
  const all = [shared, ports, spoof];
  return {
    remove: all.flatMap(({ remove }) => remove),
    add: all.flatMap(({ add }) => add),
    generation,
  };
}

/** The changes as the kernel takes them. */
export function encodePlan({ remove, add, generation }: Plan) {
  return { remove: encodeChanges(remove, 'delete'), add: encodeChanges(add, 'add'), generation };
}

/** True where nothing is to be changed. */
export function isEmpty({ remove, add }: ElementChanges): boolean {
  return remove.length === 0 && add.length === 0;
}

/** Whether a transaction failed only because somebody else's came first: it has to be planned again. */
export function isOvertaken(error: unknown): boolean {
  return isRefusal(error, 'ERESTART');
}

/** Makes what is not there yet, or was taken away: tables, chains and the network's masquerade. */
async function makeTables(netlink: Netlink, spec: RuleSpec, signal?: AbortSignal): Promise<void> {
  const groups = groupsOf([...spec.elements, ...(spec.publication?.wanted ?? [])]);
  await requireGroups(groups, signal);
  const subnets = unmasqueraded(readTable(netlink), spec.network, spec.masquerade);
  if (subnets.length > 0) await requireFeature('masquerade', signal);
  const masquerade = subnets.length === 0 ? [] : planMasquerade({ network: spec.network, subnets });
  const lines = [...planTables(groups), ...masquerade];
  // Of several first ADDs at once another one was quicker.
  if (lines.length > 0) await nft(lines, signal);
}

function isWhole(netlink: Netlink, spec: RuleSpec): boolean {
  const groups = groupsOf([...spec.elements, ...(spec.publication?.wanted ?? [])]);
  if (groups.size === 0 && spec.masquerade.length === 0) return true;
  const rules = readTable(netlink);
  const subnets = unmasqueraded(rules, spec.network, spec.masquerade);
  return subnets.length === 0 && brokenGroups(netlink, rules, groups).length === 0;
}

/** How often tables are made in one call: more than once only where somebody flushes them meanwhile. */
const ATTEMPTS = 3;

/** No process where all that is needed is there but the elements. */
async function ensureTables(spec: RuleSpec, signal?: AbortSignal): Promise<void> {
  using netlink = openNetlink(PROTOCOL.netfilter);
  let attempts = 0;
  for (;;) {
    signal?.throwIfAborted();
    if (!isWhole(netlink, spec)) {
      if (attempts === ATTEMPTS) throw new Error(`The rules of table "${TABLE}" vanish as they are made`);
      attempts += 1;
      await makeTables(netlink, spec, signal);
      continue;
    }
    const plan = planElements(netlink, spec);
    if (isEmpty(plan)) return;
    try {
      changeSets(netlink, encodePlan(plan));
      return;
    } catch (error) {
      if (isOvertaken(error)) continue;
      if (!isFromKernel(error) || attempts > 0) throw error;
      // Sets of an earlier release.
      attempts += 1;
      await makeTables(netlink, spec, signal);
    }
  }
}

/**
 * Sees to it that the kernel has what an attachment needs, and nothing of others that leads to it.
 *
 * @throws PortTakenError when another container has one of the ports; FeatureMissingError when the kernel cannot do it.
 */
export async function ensureRules(spec: RuleSpec, signal?: AbortSignal): Promise<void> {
  if (spec.backend === 'nftables') return ensureTables(spec, signal);
  await ensureTables({ ...spec, masquerade: [] }, signal);
  await ensureByIptables({ network: spec.network, subnets: spec.masquerade }, signal);
}

/**
 * Removes the elements of owners; ports that others wait for go over to them. Absent is success.
 *
 * @returns what was removed.
 */
async function removeOwned(isGone: (owner: string) => boolean): Promise<readonly Element[]> {
  using netlink = openNetlink(PROTOCOL.netfilter);
  for (;;) {
    const generation = readGeneration(netlink);
    const seen = readPorts(netlink);
    const spoof = readSpoof(netlink);
    const gone = [...allOf(seen), ...spoof].filter(({ owner = '' }) => isGone(owner));
    if (gone.length === 0) return [];
    const ports = planPorts(netlink, seen, withdraw(seen, isGone));
    const remove = [...ports.remove, ...spoof.filter(({ owner = '' }) => isGone(owner))];
    try {
      await changeSetsAside(netlink, encodePlan({ remove, add: ports.add, generation }));
      return gone;
    } catch (error) {
      if (!isOvertaken(error)) throw error;
    }
  }
}

/**
 * Refuses ports that another container has, before anything is made. No process.
 *
 * @throws PortTakenError
 */
export function refuseTaken(publication: Publication): void {
  if (publication.wanted.length === 0) return;
  using netlink = openNetlink(PROTOCOL.netfilter);
  publish(readPorts(netlink), publication);
}

/** Whether an attachment has rules of its own, by the name of its host link. No process. */
export function hasOwnRules(owner: string): boolean {
  using netlink = openNetlink(PROTOCOL.netfilter);
  const all = [...allOf(readPorts(netlink)), ...readSpoof(netlink)];
  return all.some((element) => element.owner === owner) || hasGuard(owner);
}

/** Removes all elements of an attachment, by the name of its host link. No process; absent is success. */
export function removeElements(owner: string): Promise<readonly Element[]> {
  return removeOwned((other) => other === owner);
}

/** Removes those of the elements that are there: a network's, when it is removed. */
export async function removeShared(elements: readonly Element[]): Promise<void> {
  const missing = missingElements(elements, await listTables());
  const present = elements.filter((element) => !missing.includes(element));
  if (present.length > 0) await nft(planRemovals(present));
}

/** Removes the elements of attachments whose pair is gone; returns their names. */
export async function removeOrphans(): Promise<readonly string[]> {
  // Looked at after the elements: an attachment makes its pair first.
  const gone = await removeOwned((owner) => !hasLink(owner));
  const guards = await removeOrphanedGuards();
  return [...new Set([...gone.map(({ owner = '' }) => owner), ...guards])];
}
