import { type Claim, indexClaims, isClash, parsePort, toActive, toWaiting } from './ports.ts';
import type { Element } from './table.ts';

/*
 * Who has which port of the host. The kernel's maps are the one place that decides, over all networks, data directories
 * and IPAM plugins: every change is planned from what they hold, and carried out only if they still hold it.
 */

/** Published ports as the kernel has them. */
export interface PublishedPorts {
  /** Elements of the port maps: they lead to containers. */
  readonly active: readonly Element[];
  /** Those of attachments whose container publishes the same port through another of its networks. */
  readonly waiting: readonly Element[];
}

/** What has to be known of the owners of elements. */
export interface Owners {
  /** Whether the host link of that name exists. */
  readonly isLive: (owner: string) => boolean;
  /** The id of the container at the other end of a host link. */
  readonly containerOf: (owner: string) => string | undefined;
}

/** An attachment that is about to have these ports and no others. */
export interface Publication {
  /** Name of its host link. */
  readonly owner: string;
  readonly containerID: string;
  readonly addresses: readonly string[];
  /** Elements of the port maps. */
  readonly wanted: readonly Element[];
  /** Looks at the owners as they are now. */
  readonly lookAtOwners: () => Owners;
}

/** A published port that another container has already; `owner` is the name of its host link. */
export class PortTakenError extends Error {
  readonly claim: Claim;
  readonly owner: string;

  constructor(element: Element, owner: string) {
    super(`Host port "${element.key}" is taken by the attachment of link "${owner}"`);
    this.name = 'PortTakenError';
    this.claim = parsePort(element).claim;
    this.owner = owner;
  }
}

/**
 * Gives each candidate its port, in this order, or lets it wait while another attachment has that. A port of one address
 * stands beside the same port of all addresses: both are of one container, since another one was refused.
 */
function settle(active: readonly Element[], candidates: readonly Element[]): PublishedPorts {
  const placeOf = ({ set, key }: Element): string => `${set} ${key}`;
  const taken = new Set(active.map(placeOf));
  const [carried, waiting]: [Element[], Element[]] = [[...active], []];
  for (const candidate of candidates) {
    if (taken.has(placeOf(candidate))) {
      waiting.push(toWaiting(candidate));
      continue;
    }
    taken.add(placeOf(candidate));
    carried.push(candidate);
  }
  return { active: carried, waiting };
}

/** Whether an element is another container's that lives: it keeps what it has. */
function isRival(element: Element, { owner, containerID }: Publication, owners: Owners): boolean {
  const { owner: other = '' } = element;
  return other !== owner && owners.isLive(other) && owners.containerOf(other) !== containerID;
}

/**
 * The ports after an attachment has published its own. What a former life of the attachment left goes, and so does what a
 * dead attachment left that leads to one of its addresses or is in its way.
 *
 * @throws PortTakenError when another container that lives has one of the ports, or waits for it.
 */
export function publish(seen: PublishedPorts, publication: Publication): PublishedPorts {
  const { owner, addresses, wanted, lookAtOwners } = publication;
  const owners = lookAtOwners();
  const claims = wanted.map((element) => ({ element, claim: parsePort(element).claim }));
  const byPort = new Map(
    claims.map(({ claim }) => [
      claim.hostPort,
      claims.filter((one) => one.claim.hostPort === claim.hostPort),
    ]),
  );
  const isKept = (element: Element): boolean => {
    if (element.owner === owner) return false;
    const { claim, address } = parsePort(element);
    const clash = byPort.get(claim.hostPort)?.find((one) => isClash(one.claim, claim));
    if (clash !== undefined && isRival(element, publication, owners)) {
      throw new PortTakenError(clash.element, element.owner ?? '');
    }
    const isInTheWay = clash !== undefined || addresses.includes(address);
    return !isInTheWay || owners.isLive(element.owner ?? '');
  };
  const waiting = seen.waiting.filter(isKept).map(toActive);
  return settle(seen.active.filter(isKept), [...waiting, ...wanted]);
}

/** The ports after attachments are gone: what waited for theirs takes over. */
export function withdraw(seen: PublishedPorts, isGone: (owner: string) => boolean): PublishedPorts {
  const isKept = ({ owner = '' }: Element) => !isGone(owner);
  return settle(seen.active.filter(isKept), seen.waiting.filter(isKept).map(toActive));
}

/** The ports as they should be, and those that could not be given back because another container has them. */
export interface Restored extends PublishedPorts {
  readonly refused: readonly Element[];
}

/**
 * The ports after all that is remembered was put back. What belongs to attachments of which nothing is remembered stays as
 * it is, as long as they live.
 *
 * @param remembered what attachments that live have asked for, by their host links.
 */
export function restore(
  seen: PublishedPorts,
  remembered: ReadonlyMap<string, readonly Element[]>,
  owners: Owners,
): Restored {
  const isUnknown = ({ owner = '' }: Element) => !remembered.has(owner) && owners.isLive(owner);
  const isWanted = (element: Element) =>
    remembered.get(element.owner ?? '')?.some(({ set, key, value }) => {
      return set === element.set && key === element.key && value === element.value;
    }) === true;
  const kept = seen.active.filter((element) => isUnknown(element) || isWanted(element));
  const present = new Set(kept.map(identityOf));
  const taken = indexClaims<Element>();
  for (const element of kept) taken.add(parsePort(element).claim, element);
  const refused: Element[] = [];
  const missing = [...remembered.values()].flat().filter((element) => {
    if (present.has(identityOf(element))) return false;
    const { claim } = parsePort(element);
    const holder = taken.clashing(claim)?.owner;
    const isOther =
      holder !== undefined && owners.containerOf(holder) !== owners.containerOf(element.owner ?? '');
    if (isOther) refused.push(element);
    else taken.add(claim, element);
    return !isOther;
  });
  const waiting = seen.waiting.filter(isUnknown).map(toActive);
  return { ...settle(kept, [...waiting, ...missing]), refused };
}

function identityOf({ set, key, value = '', owner = '' }: Element): string {
  return `${set} ${key} ${value} ${owner}`;
}

/** Elements to remove and to add. */
export interface ElementChanges {
  readonly remove: readonly Element[];
  readonly add: readonly Element[];
}

/** What makes of one list of elements another one. */
export function changesBetween(before: readonly Element[], after: readonly Element[]): ElementChanges {
  const [old, wanted] = [new Set(before.map(identityOf)), new Set(after.map(identityOf))];
  return {
    remove: before.filter((element) => !wanted.has(identityOf(element))),
    add: after.filter((element) => !old.has(identityOf(element))),
  };
}
