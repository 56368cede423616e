import type { Netlink } from '../sys/netlink/netlink.ts';
import { readGeneration } from '../sys/netlink/nfnetlink-read.ts';
import { encodeChanges } from './element-bytes.ts';
import { withoutHeld } from './hairpin.ts';
import { hostAddressElements } from './host-addresses.ts';
import type { MasqueradeBackend } from './masquerade.ts';
import { indexElements, mayClash } from './port-index.ts';
import {
  changesBetween,
  type ElementChanges,
  type Publication,
  publish,
  type PublishedPorts,
} from './port-plan.ts';
import { readElements, readPorts, readSpoof } from './read-elements.ts';
import { INDEX_SETS, isSpoofSet, LOCAL_SETS, SHARED_SETS } from './sets.ts';
import type { Element } from './table.ts';

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

/** Changes of elements, and the ruleset that they were planned for. */
export interface Plan extends ElementChanges {
  readonly generation: number;
}

/** All elements of published ports. */
export function allOf({ active, waiting }: PublishedPorts): readonly Element[] {
  return [...active, ...waiting];
}

/** Several plans as one. */
export function allChanges(plans: readonly ElementChanges[]): ElementChanges {
  return { remove: plans.flatMap(({ remove }) => remove), add: plans.flatMap(({ add }) => add) };
}

/** As long as anything is published, the host's own addresses have to be known. */
function planLocal(netlink: Netlink, published: readonly Element[]): ElementChanges {
  if (published.length === 0) return { remove: [], add: [] };
  return changesBetween(readElements(netlink, LOCAL_SETS), hostAddressElements(netlink));
}

/** What leads from one distribution of the ports to another; what follows from them is brought to it too. */
export function planPorts(netlink: Netlink, seen: PublishedPorts, next: PublishedPorts): ElementChanges {
  return allChanges([
    changesBetween(allOf(seen), allOf(next)),
    changesBetween(readElements(netlink, INDEX_SETS), indexElements(next)),
    planLocal(netlink, next.active),
  ]);
}

/** The usual case: nothing is in the way of an attachment's ports, and none of the others has to be looked at. */
function planFreePorts(netlink: Netlink, { wanted }: Publication): ElementChanges {
  if (wanted.length === 0) return { remove: [], add: [] };
  const add = [...wanted, ...indexElements({ active: wanted, waiting: [] })];
  return allChanges([{ remove: [], add }, planLocal(netlink, wanted)]);
}

function planPublication(netlink: Netlink, publication: Publication): ElementChanges {
  if (!mayClash(netlink, publication)) return planFreePorts(netlink, publication);
  const seen = readPorts(netlink);
  const next = publish(seen, publication);
  // A table without ports needs no index.
  return allOf(seen).length + allOf(next).length === 0
    ? { remove: [], add: [] }
    : planPorts(netlink, seen, next);
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

/** What the kernel lacks of a specification's elements, and has too much; planned for the ruleset as it is now. */
export function planElements(netlink: Netlink, { elements, publication }: RuleSpec): Plan {
  const generation = readGeneration(netlink);
  const shared = planShared(
    netlink,
    elements.filter(({ set }) => !isSpoofSet(set)),
  );
  if (publication === undefined) return { ...shared, generation };
  const spoof = planSpoof(
    netlink,
    publication.owner,
    elements.filter(({ set }) => isSpoofSet(set)),
  );
  return { ...allChanges([shared, planPublication(netlink, publication), spoof]), generation };
}

/** The changes as the kernel takes them. */
export function encodePlan({ remove, add, generation }: Plan) {
  return { remove: encodeChanges(remove, 'delete'), add: encodeChanges(add, 'add'), generation };
}

/** True where nothing is to be changed. */
export function isEmpty({ remove, add }: ElementChanges): boolean {
  return remove.length === 0 && add.length === 0;
}
