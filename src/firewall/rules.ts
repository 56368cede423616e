import type { Context } from '../sys/context.ts';
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

async function listOne(table: string, ctx: Context): Promise<string> {
  try {
    const { stdout } = await nft([`list table ${table}`], ctx);
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
export async function listTables(ctx: Context): Promise<string> {
  if (findTool('nft') === undefined) return '';
  const tables = [TABLE, SPOOF_TABLE, INGRESS_TABLE];
  return (await Promise.all(tables.map((table) => listOne(table, ctx)))).join('');
}

function groupsIn({ elements, publication }: RuleSpec): ReadonlySet<Group> {
  return groupsOf([...elements, ...(publication?.wanted ?? [])]);
}

/** Makes what is not there yet, or was taken away: tables, chains and the network's masquerade. */
async function makeTables(netlink: Netlink, spec: RuleSpec, ctx: Context): Promise<void> {
  const groups = groupsIn(spec);
  await requireGroups(groups, ctx);
  const subnets = unmasqueraded(readTable(netlink), spec.network, spec.masquerade);
  if (subnets.length > 0) await requireFeature('masquerade', ctx);
  const masquerade = subnets.length === 0 ? [] : planMasquerade({ network: spec.network, subnets });
  const lines = [...planTables(groups), ...masquerade];
  // Of several first ADDs at once another one was quicker.
  if (lines.length > 0) await nft(lines, ctx);
}

function isWhole(netlink: Netlink, spec: RuleSpec): boolean {
  const groups = groupsIn(spec);
  if (groups.size === 0 && spec.masquerade.length === 0) return true;
  const rules = readTable(netlink);
  const subnets = unmasqueraded(rules, spec.network, spec.masquerade);
  return subnets.length === 0 && brokenGroups(netlink, rules, groups).length === 0;
}

/** No process where all that is needed is there but the elements. */
async function ensureTables(spec: RuleSpec, ctx: Context): Promise<void> {
  using netlink = openNetlink(PROTOCOL.netfilter, ctx);
  const retry = limitRetries();
  for (;;) {
    ctx.signal?.throwIfAborted();
    if (!isWhole(netlink, spec)) {
      retry(new Error(`The rules of table "${TABLE}" vanish as they are made`));
      await makeTables(netlink, spec, ctx);
      continue;
    }
    const plan = planElements(netlink, spec);
    if (isEmpty(plan)) return;
    try {
      changeSets(netlink, encodePlan(plan));
      return;
    } catch (error) {
      await prepareRetry(error, { plan, retry }, ctx);
    }
  }
}

/**
 * Sees to it that the kernel has what an attachment needs, and nothing of others that leads to it.
 *
 * @throws PortTakenError when another container has one of the ports; FeatureMissingError when the kernel cannot do it.
 */
export async function ensureRules(spec: RuleSpec, ctx: Context): Promise<void> {
  const tables = spec.backend === 'nftables' ? spec : { ...spec, masquerade: [] };
  const isNeeded = groupsIn(tables).size > 0 || tables.masquerade.length > 0;
  if (isNeeded) await ensureTables(tables, ctx);
  // What others left may still lead to the attachment.
  else await orWithoutFilter(undefined, () => ensureTables(tables, ctx));
  if (spec.backend === 'nftables') return;
  await ensureByIptables({ network: spec.network, subnets: spec.masquerade }, ctx);
}

/**
 * Removes the elements of owners; ports that others wait for go over to them. Absent is success.
 *
 * @returns what was removed.
 */
async function removeOwned(isGone: (owner: string) => boolean, ctx: Context): Promise<readonly Element[]> {
  using netlink = openNetlink(PROTOCOL.netfilter, ctx);
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
      await prepareRetry(error, { plan, retry }, ctx);
    }
  }
}

/**
 * Refuses ports that another container has, before anything is made. No process.
 *
 * @throws PortTakenError
 */
export function refuseTaken(publication: Publication, ctx: Context): void {
  if (publication.wanted.length === 0) return;
  using netlink = openNetlink(PROTOCOL.netfilter, ctx);
  if (mayClash(netlink, publication)) publish(readPorts(netlink), publication);
}

function ownedBy(netlink: Netlink, owner: string): boolean {
  const isOwn = (element: Element) => element.owner === owner;
  const hasPorts = isPublisher(netlink, owner) ?? allOf(readPorts(netlink)).some(isOwn);
  return hasPorts || readSpoof(netlink).some(isOwn);
}

/** Whether an attachment has rules of its own, by the name of its host link. No process. */
export function hasOwnRules(owner: string, ctx: Context): Promise<boolean> {
  return orWithoutFilter(false, () => {
    using netlink = openNetlink(PROTOCOL.netfilter, ctx);
    return Promise.resolve(ownedBy(netlink, owner) || hasGuard(owner, ctx));
  });
}

/** Removes all elements of an attachment, by the name of its host link. No process; absent is success. */
export function removeElements(owner: string, ctx: Context): Promise<readonly Element[]> {
  return orWithoutFilter([], async () => {
    using netlink = openNetlink(PROTOCOL.netfilter, ctx);
    return ownedBy(netlink, owner) ? await removeOwned((other) => other === owner, ctx) : [];
  });
}

/** Removes those of the elements that are there: a network's, when it is removed. */
export async function removeShared(elements: readonly Element[], ctx: Context): Promise<void> {
  const missing = missingElements(elements, await listTables(ctx));
  const present = elements.filter((element) => !missing.includes(element));
  if (present.length > 0) await nft(planRemovals(present), ctx);
}

/** Removes the elements of attachments whose pair is gone; returns their names. */
export async function removeOrphans(ctx: Context): Promise<readonly string[]> {
  // Looked at after the elements: an attachment makes its pair first.
  const gone = await orWithoutFilter([], () => removeOwned((owner) => !hasLink(owner), ctx));
  const guards = await orWithoutFilter([], () => removeOrphanedGuards(ctx));
  return [...new Set([...gone.map(({ owner = '' }) => owner), ...guards])];
}
