import { type Netlink, openNetlink, PROTOCOL } from '../sys/netlink/netlink.ts';
import { changeSets, changeSetsAside } from '../sys/netlink/nfnetlink.ts';
import { readGeneration } from '../sys/netlink/nfnetlink-read.ts';
import { isMissing, nft } from '../sys/process/nft.ts';
import { hasLink } from '../sys/proc.ts';
import { findTool } from '../sys/process/tool.ts';
import { requireFeature, requireGroups } from './features.ts';
import { planMasquerade } from './masquerade.ts';
import { ensureByIptables } from './masquerade-iptables.ts';
import { isPublisher, mayClash } from './port-index.ts';
import { type Publication, publish, withdraw } from './port-plan.ts';
import { readPorts, readSpoof } from './read-elements.ts';
import { brokenGroups, readTable, unmasqueraded } from './read-rules.ts';
import { allOf, encodePlan, isEmpty, planElements, planPorts, type RuleSpec } from './rule-plan.ts';
import { limitRetries, prepareRetry } from './retry.ts';
import { hasGuard, INGRESS_TABLE, removeOrphanedGuards } from './spoof-ingress.ts';
import type { Group } from './sets.ts';
import { type Element, groupsOf, planRemovals, planTables, SPOOF_TABLE, TABLE } from './table.ts';
import { missingElements } from './table-listing.ts';
import { orWithoutFilter } from './without-filter.ts';

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

function groupsIn({ elements, publication }: RuleSpec): ReadonlySet<Group> {
  return groupsOf([...elements, ...(publication?.wanted ?? [])]);
}

/** Makes what is not there yet, or was taken away: tables, chains and the network's masquerade. */
async function makeTables(netlink: Netlink, spec: RuleSpec, signal?: AbortSignal): Promise<void> {
  const groups = groupsIn(spec);
  await requireGroups(groups, signal);
  const subnets = unmasqueraded(readTable(netlink), spec.network, spec.masquerade);
  if (subnets.length > 0) await requireFeature('masquerade', signal);
  const masquerade = subnets.length === 0 ? [] : planMasquerade({ network: spec.network, subnets });
  const lines = [...planTables(groups), ...masquerade];
  // Of several first ADDs at once another one was quicker.
  if (lines.length > 0) await nft(lines, signal);
}

function isWhole(netlink: Netlink, spec: RuleSpec): boolean {
  const groups = groupsIn(spec);
  if (groups.size === 0 && spec.masquerade.length === 0) return true;
  const rules = readTable(netlink);
  const subnets = unmasqueraded(rules, spec.network, spec.masquerade);
  return subnets.length === 0 && brokenGroups(netlink, rules, groups).length === 0;
}

/** No process where all that is needed is there but the elements. */
async function ensureTables(spec: RuleSpec, signal?: AbortSignal): Promise<void> {
  using netlink = openNetlink(PROTOCOL.netfilter);
  const retry = limitRetries();
  for (;;) {
    signal?.throwIfAborted();
    if (!isWhole(netlink, spec)) {
      retry(new Error(`The rules of table "${TABLE}" vanish as they are made`));
      await makeTables(netlink, spec, signal);
      continue;
    }
    const plan = planElements(netlink, spec);
    if (isEmpty(plan)) return;
    try {
      changeSets(netlink, encodePlan(plan));
      return;
    } catch (error) {
      await prepareRetry(error, { plan, retry });
    }
  }
}

/**
 * Sees to it that the kernel has what an attachment needs, and nothing of others that leads to it.
 *
 * @throws PortTakenError when another container has one of the ports; FeatureMissingError when the kernel cannot do it.
 */
export async function ensureRules(spec: RuleSpec, signal?: AbortSignal): Promise<void> {
  const tables = spec.backend === 'nftables' ? spec : { ...spec, masquerade: [] };
  const isNeeded = groupsIn(tables).size > 0 || tables.masquerade.length > 0;
  if (isNeeded) await ensureTables(tables, signal);
  // What others left may still lead to the attachment.
  else await orWithoutFilter(undefined, () => ensureTables(tables, signal));
  if (spec.backend === 'nftables') return;
  await ensureByIptables({ network: spec.network, subnets: spec.masquerade }, signal);
}

/**
 * Removes the elements of owners; ports that others wait for go over to them. Absent is success.
 *
 * @returns what was removed.
 */
async function removeOwned(isGone: (owner: string) => boolean): Promise<readonly Element[]> {
  using netlink = openNetlink(PROTOCOL.netfilter);
  const retry = limitRetries();
  for (;;) {
    const generation = readGeneration(netlink);
    const seen = readPorts(netlink);
    const spoof = readSpoof(netlink);
    const gone = [...allOf(seen), ...spoof].filter(({ owner = '' }) => isGone(owner));
    // A listing during which somebody changed the sets may lack some.
    if (gone.length === 0 && readGeneration(netlink) === generation) return [];
    const ports = planPorts(netlink, seen, withdraw(seen, isGone));
    const remove = [...ports.remove, ...spoof.filter(({ owner = '' }) => isGone(owner))];
    const plan = { remove, add: ports.add, generation };
    try {
      await changeSetsAside(netlink, encodePlan(plan));
      return gone;
    } catch (error) {
      await prepareRetry(error, { plan, retry });
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
  if (mayClash(netlink, publication)) publish(readPorts(netlink), publication);
}

function ownedBy(netlink: Netlink, owner: string): boolean {
  const isOwn = (element: Element) => element.owner === owner;
  const hasPorts = isPublisher(netlink, owner) ?? allOf(readPorts(netlink)).some(isOwn);
  return hasPorts || readSpoof(netlink).some(isOwn);
}

/** Whether an attachment has rules of its own, by the name of its host link. No process. */
export function hasOwnRules(owner: string): Promise<boolean> {
  return orWithoutFilter(false, () => {
    using netlink = openNetlink(PROTOCOL.netfilter);
    return Promise.resolve(ownedBy(netlink, owner) || hasGuard(owner));
  });
}

/** Removes all elements of an attachment, by the name of its host link. No process; absent is success. */
export function removeElements(owner: string): Promise<readonly Element[]> {
  return orWithoutFilter([], async () => {
    using netlink = openNetlink(PROTOCOL.netfilter);
    return ownedBy(netlink, owner) ? await removeOwned((other) => other === owner) : [];
  });
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
  const gone = await orWithoutFilter([], () => removeOwned((owner) => !hasLink(owner)));
  const guards = await orWithoutFilter([], removeOrphanedGuards);
  return [...new Set([...gone.map(({ owner = '' }) => owner), ...guards])];
}
