import { type Netlink, openNetlink, PROTOCOL } from '../sys/netlink.ts';
import { isFromKernel } from '../sys/netlink-error.ts';
import { addToSets, refillSets, removeFromSets, ruleComments } from '../sys/nfnetlink.ts';
import { isMissing, nft } from '../sys/nft.ts';
import { hasLink } from '../sys/proc.ts';
import { findTool } from '../sys/tool.ts';
import { encodeChanges, encodeFlush } from './element-bytes.ts';
import { withoutHeld } from './hairpin.ts';
import { commentedSubnets, type MasqueradeBackend, masqueradeChain, planMasquerade } from './masquerade.ts';
import { ensureByIptables } from './masquerade-iptables.ts';
import { isSpoofSet, OWNED_SETS, SHARED_SETS } from './sets.ts';
import { type Element, planRemovals, planTables, SPOOF_TABLE, TABLE } from './table.ts';
import { missingElements, parseOwned, parseShared } from './table-listing.ts';

/** What an attachment needs in the table: its own elements, and its network's share of it. */
export interface RuleSpec {
  readonly network: string;
  /** CIDR texts of the subnets to masquerade; none: no masquerade. */
  readonly masquerade: readonly string[];
  readonly backend: MasqueradeBackend;
  readonly elements: readonly Element[];
}

/** A published port that a live attachment has already; `owner` is the name of its host veth. */
export class PortTakenError extends Error {
  readonly element: Element;
  readonly owner: string;

  constructor(element: Element, owner: string) {
    super(`Host port "${element.key}" is taken by the attachment of link "${owner}"`);
    this.name = 'PortTakenError';
    this.element = element;
    this.owner = owner;
  }
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
 * Both tables as `nft list table` prints them; an empty text where there are none. As a whole, and one by one: nft of
 * Debian 12 finds only the last of several things that one run shall list. A machine without nft has none.
 */
export async function listTables(signal?: AbortSignal): Promise<string> {
  if (findTool('nft') === undefined) return '';
  const [main, spoof] = await Promise.all([listOne(TABLE, signal), listOne(SPOOF_TABLE, signal)]);
  return `${main}${spoof}`;
}

/** Elements in the way of ours whose attachment is gone: its DEL was lost. */
function staleElements(wanted: readonly Element[], listing: string): readonly Element[] {
  const byKey = new Map(wanted.map((element) => [`${element.set} ${element.key}`, element]));
  return parseOwned(listing).filter((found) => {
    const ours = byKey.get(`${found.set} ${found.key}`);
    if (ours === undefined || (ours.value === found.value && ours.owner === found.owner)) return false;
    if (found.owner !== undefined && found.owner !== ours.owner && hasLink(found.owner)) {
      throw new PortTakenError(found, found.owner);
    }
    return true;
  });
}

/** Those of the subnets that the chain of the network does not masquerade. */
function unmasqueraded(netlink: Netlink, { network, masquerade }: RuleSpec): readonly string[] {
  if (masquerade.length === 0) return [];
  const present = commentedSubnets(ruleComments(netlink, TABLE, masqueradeChain(network)));
  return masquerade.filter((subnet) => !present.includes(subnet));
}

/** Does without nft what can be done so; what the kernel refuses (false) nft then does, or says what is wrong. */
async function withoutNft(body: (netlink: Netlink) => boolean | Promise<boolean>): Promise<boolean> {
  try {
    using netlink = openNetlink(PROTOCOL.netfilter);
    return await body(netlink);
  } catch (error) {
    if (isFromKernel(error)) return false;
    throw error;
  }
}

/** The usual case, which needs no process: everything is there but the elements, and they are added. */
function addElements(spec: RuleSpec): Promise<boolean> {
  return withoutNft((netlink) => {
    addToSets(netlink, encodeChanges(spec.elements, 'add'));
    return unmasqueraded(netlink, spec).length === 0;
  });
}

/** The same for what is to go. */
function deleteElements(elements: readonly Element[]): Promise<boolean> {
  return withoutNft(async (netlink) => {
    await removeFromSets(netlink, encodeChanges(elements, 'delete'));
    return true;
  });
}

/**
 * Everything, whatever is there: the first attachment of a network, or one after somebody flushed the rules. Elements
 * never go by nft: they may be more than a command line holds.
 */
async function makeAll(spec: RuleSpec, signal?: AbortSignal): Promise<void> {
  const { network, elements } = spec;
  using netlink = openNetlink(PROTOCOL.netfilter);
  const listing = elements.length === 0 ? '' : await listTables(signal);
  const shared = parseShared(listing);
  // Subnets that grew.
  const outgrown = shared.filter((one) => withoutHeld([one], elements).length === 0);
  const subnets = unmasqueraded(netlink, spec);
  const lines = [
    ...planTables(elements),
    ...(subnets.length === 0 ? [] : planMasquerade({ network, subnets })),
    ...planRemovals([...staleElements(elements, listing), ...outgrown]),
  ];
  await nft(lines, signal);
  addToSets(netlink, encodeChanges(withoutHeld(elements, shared), 'add'));
}

/** Makes the tables anew, with these elements and no others; `lines` are carried out with them. */
export async function remakeTables(elements: readonly Element[], lines: readonly string[]): Promise<void> {
  using netlink = openNetlink(PROTOCOL.netfilter);
  await nft([...planTables(elements), ...lines]);
  const isSpoofing = elements.some(({ set }) => isSpoofSet(set));
  const sets = [...OWNED_SETS, ...SHARED_SETS].filter((set) => isSpoofing || !isSpoofSet(set));
  refillSets(netlink, encodeFlush(sets), encodeChanges(withoutHeld(elements, elements), 'add'));
}

/**
 * Sees to it that the kernel has what an attachment needs: no process when its network is set up, else three.
 *
 * @throws PortTakenError when a live attachment has one of the ports.
 */
export async function ensureRules(spec: RuleSpec, signal?: AbortSignal): Promise<void> {
  if (spec.backend === 'nftables') return ensureTables(spec, signal);
  await ensureTables({ ...spec, masquerade: [] }, signal);
  await ensureByIptables({ network: spec.network, subnets: spec.masquerade }, signal);
}

async function ensureTables(spec: RuleSpec, signal?: AbortSignal): Promise<void> {
  if (spec.elements.length === 0 && spec.masquerade.length === 0) return;
  if (!(await addElements(spec))) await makeAll(spec, signal);
}

/**
 * Removes elements of one owner. No process when they are as remembered; absent is success.
 *
 * @param remembered `undefined` when nothing is known: whatever bears the owner's name goes.
 */
export async function removeElements(
  owner: string,
  remembered: readonly Element[] | undefined,
): Promise<void> {
  if (remembered?.length === 0) return;
  if (remembered !== undefined && (await deleteElements(remembered))) return;
  await removeListed(owner);
}

async function removeListed(owner: string): Promise<void> {
  const found = parseOwned(await listTables()).filter((element) => element.owner === owner);
  if (found.length > 0) await nft(planRemovals(found));
}

/** Removes those of the elements that are there: a network's, when it is removed. */
export async function removeShared(elements: readonly Element[]): Promise<void> {
  const missing = missingElements(elements, await listTables());
  const present = elements.filter((element) => !missing.includes(element));
  if (present.length > 0) await nft(planRemovals(present));
}

/** Elements whose attachment's pair is gone. */
async function listOrphans(): Promise<readonly Element[]> {
  const owned = parseOwned(await listTables());
  // Looked at after the elements: an attachment makes its pair first.
  return owned.filter(({ owner = '' }) => !hasLink(owner));
}

const LOOKS = 5;

/** Removes the elements of attachments whose pair is gone; returns their names. */
export async function removeOrphans(): Promise<readonly string[]> {
  for (let look = 1; ; look += 1) {
    const orphans = await listOrphans();
    try {
      if (orphans.length > 0) await nft(planRemovals(orphans));
      return [...new Set(orphans.map(({ owner = '' }) => owner))];
    } catch (error) {
      // A DEL removes its elements and its pair at the same time; it was quicker.
      if (!isMissing(error) || look === LOOKS) throw error;
    }
  }
}
