import type { Context } from '../sys/context.ts';
import { type Netlink, openNetlink, PROTOCOL } from '../sys/netlink/netlink.ts';
import { changeSets } from '../sys/netlink/nfnetlink.ts';
import { readGeneration } from '../sys/netlink/nfnetlink-read.ts';
import { nft } from '../sys/process/nft.ts';
import { FeatureMissingError, requireFeature, requireGroups } from './features.ts';
import { withoutHeld } from './hairpin.ts';
import { planMasqueradeRepair } from './masquerade.ts';
import {
  changesBetween,
  type ElementChanges,
  type Owners,
  type PublishedPorts,
  restore,
} from './port-plan.ts';
import { readElements, readPorts, readSpoof } from './read-elements.ts';
import { brokenGroups, readTable } from './read-rules.ts';
import { limitRetries, prepareRetry } from './retry.ts';
import { allChanges, encodePlan, isEmpty, planPorts } from './rule-plan.ts';
import { type Group, groupOf, SHARED_SETS } from './sets.ts';
import { type Element, groupsOf, planTables, TABLE } from './table.ts';

/** All that the attachments of the host are known to have asked for. */
export interface WantedRules {
  /** Elements of the port maps, by the host link of their attachment; all attachments of which something is known. */
  readonly ports: ReadonlyMap<string, readonly Element[]>;
  /** Elements that keep attachments to their own addresses. */
  readonly spoof: readonly Element[];
  /** Elements of networks. */
  readonly shared: readonly Element[];
  /** Subnets to masquerade by nftables, by network; all networks of which something is known. */
  readonly masquerade: ReadonlyMap<string, readonly string[]>;
  /** Whether an element of a network stays although nobody is known to want it. */
  readonly isKept: (shared: Element) => boolean;
}

/** What was put back, or is there as it should be. */
export interface RestoredRules {
  readonly ports: readonly Element[];
  /** Published ports that other containers have by now. */
  readonly refused: readonly Element[];
  /** What the kernel cannot do, one sentence for each group of rules that was left out. */
  readonly lacking: readonly string[];
}

interface Seen {
  readonly generation: number;
  readonly ports: PublishedPorts;
  readonly spoof: readonly Element[];
  readonly shared: readonly Element[];
}

function look(netlink: Netlink): Seen {
  const generation = readGeneration(netlink);
  const shared = SHARED_SETS.flatMap((set) => readElements(netlink, [set]));
  return { generation, ports: readPorts(netlink), spoof: readSpoof(netlink), shared };
}

function planSpoof(seen: readonly Element[], wanted: WantedRules, { isLive }: Owners): ElementChanges {
  const unknown = seen.filter(({ owner = '' }) => !wanted.ports.has(owner) && isLive(owner));
  return changesBetween(seen, [...unknown, ...wanted.spoof]);
}

function planShared(seen: readonly Element[], { shared, isKept }: WantedRules): ElementChanges {
  const all = [...shared, ...seen.filter(isKept)];
  const distinct = [...new Map(all.map((element) => [`${element.set} ${element.key}`, element])).values()];
  return changesBetween(seen, withoutHeld(distinct, distinct));
}

/** Groups that the kernel cannot do, and why; the others are put back all the same. */
async function findLacking(wanted: WantedRules, ctx: Context): Promise<ReadonlyMap<Group, string>> {
  const lacking = new Map<Group, string>();
  const elements = [...[...wanted.ports.values()].flat(), ...wanted.spoof, ...wanted.shared];
  for (const group of groupsOf(elements)) {
    try {
      await requireGroups(new Set([group]), ctx);
    } catch (error) {
      if (!(error instanceof FeatureMissingError)) throw error;
      lacking.set(group, error.message);
    }
  }
  return lacking;
}

function without(wanted: WantedRules, lacking: ReadonlyMap<Group, string>): WantedRules {
  const isPossible = ({ set }: Element) => !lacking.has(groupOf(set));
  const ports = [...wanted.ports].map(([owner, own]) => [owner, own.filter(isPossible)] as const);
  return {
    ...wanted,
    ports: new Map(ports),
    spoof: wanted.spoof.filter(isPossible),
    shared: wanted.shared.filter(isPossible),
  };
}

/** Lines of nft that are needed before elements can be added; `isFirst`: rules of an earlier release are replaced too. */
async function planTablesFor(
  netlink: Netlink,
  { wanted, seen, isFirst }: { wanted: WantedRules; seen: Seen; isFirst: boolean },
  ctx: Context,
): Promise<readonly string[]> {
  const rules = readTable(netlink);
  const elements = [...[...wanted.ports.values()].flat(), ...wanted.spoof, ...wanted.shared];
  const present = [...seen.ports.active, ...seen.spoof, ...seen.shared];
  const groups = groupsOf([...elements, ...present]);
  const broken = isFirst ? groups : new Set(brokenGroups(netlink, rules, groups));
  const masquerade = planMasqueradeRepair(rules, wanted.masquerade);
  if (masquerade.length > 0) await requireFeature('masquerade', ctx);
  return [...planTables(broken), ...masquerade];
}

/** Where nothing is published and nothing is to be, the sets may not be there either. */
function planAllPorts(netlink: Netlink, seen: PublishedPorts, next: PublishedPorts): ElementChanges {
  const isUsed = [seen, next].some(({ active, waiting }) => active.length + waiting.length > 0);
  return isUsed ? planPorts(netlink, seen, next) : { remove: [], add: [] };
}

/** As long as others change the tables at the same time; then something is wrong. */
const ROUNDS = 100;

/**
 * Puts back all that attachments have asked for, and takes away what none asks for. What is right is not missing for a
 * moment; what an ADD or a DEL does at the same time stays done: elements are planned for one state of the packet filter,
 * and planned anew where somebody was quicker.
 *
 * @param gather asks what is wanted; called after the look at the kernel, so that it is not older than that.
 */
export async function restoreRules(
  gather: () => Promise<WantedRules>,
  owners: () => Owners,
  ctx: Context,
): Promise<RestoredRules> {
  using netlink = openNetlink(PROTOCOL.netfilter, ctx);
  const retry = limitRetries();
  for (let round = 0; round < ROUNDS; round += 1) {
    const seen = look(netlink);
    const all = await gather();
    const lacking = await findLacking(all, ctx);
    const wanted = without(all, lacking);
    const lines = await planTablesFor(netlink, { wanted, seen, isFirst: round === 0 }, ctx);
    if (lines.length > 0) {
      await nft(lines, ctx);
      continue;
    }
    const known = owners();
    const next = restore(seen.ports, wanted.ports, known);
    const changes = allChanges([
      planAllPorts(netlink, seen.ports, next),
      planSpoof(seen.spoof, wanted, known),
      planShared(seen.shared, wanted),
    ]);
    const plan = { ...changes, generation: seen.generation };
    const result = {
      ports: next.active.filter(({ owner = '' }) => wanted.ports.has(owner)),
      refused: next.refused,
      lacking: [...lacking.values()],
    };
    if (isEmpty(plan)) return result;
    try {
      changeSets(netlink, encodePlan(plan));
      return result;
    } catch (error) {
      await prepareRetry(error, { plan, retry }, ctx);
    }
  }
  throw new Error(`Cannot restore table "${TABLE}": something else changes the packet filter all the time`);
}
