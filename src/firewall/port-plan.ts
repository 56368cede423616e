import { type Claim, indexClaims, isClash, parsePort, toActive, toWaiting } from './ports.ts';
import type { Element } from './table.ts';
import type { ElementChanges } from './transaction.ts';

/*
 * The kernel's maps decide which container has a host port, across all networks, data directories and IPAM plugins.
 * Every change is planned from their contents, and refused if they have changed since.
 */

export interface PublishedPorts {
  /** Elements of the port maps. */
  readonly active: readonly Element[];
  /** Elements of the waiting sets: another attachment of the same container publishes the port. */
  readonly waiting: readonly Element[];
}

/** Owners are named by host link. */
export interface Owners {
  readonly isLive: (owner: string) => boolean;
  readonly containerOf: (owner: string) => string | undefined;
}

/** The ports of an attachment (`owner`: its host link); it loses any others. */
export interface Publication {
  readonly owner: string;
  readonly containerID: string;
  readonly addresses: readonly string[];
  /** Elements of the port maps. */
  readonly wanted: readonly Element[];
  readonly lookAtOwners: () => Owners;
}

/** Another container has the port; `owner` is its host link. */
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
 * Gives the candidates their ports in order, or lets them wait for the attachment that has it. A port on one address
 * and the same port on all addresses coexist here: they belong to one container, because any other was refused.
 */
function distribute(active: readonly Element[], candidates: readonly Element[]): PublishedPorts {
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

function isRival(element: Element, { owner, containerID }: Publication, owners: Owners): boolean {
  const { owner: other = '' } = element;
  return other !== owner && owners.isLive(other) && owners.containerOf(other) !== containerID;
}

/**
 * The ports after an attachment has published its own. Removes leftovers: its own former ones, and those of dead
 * attachments that lead to one of its addresses or clash with one of its ports.
 * @throws PortTakenError if another live container has one of the ports, or waits for it.
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
  return distribute(seen.active.filter(isKept), [...waiting, ...wanted]);
}

/** Waiting ports take over from those of gone attachments. */
export function withdraw(seen: PublishedPorts, isGone: (owner: string) => boolean): PublishedPorts {
  const isKept = ({ owner = '' }: Element) => !isGone(owner);
  return distribute(seen.active.filter(isKept), seen.waiting.filter(isKept).map(toActive));
}

export interface Restored extends PublishedPorts {
  /** Ports that another container has taken since. */
  readonly refused: readonly Element[];
}

/**
 * The ports after a reload has restored every remembered one. Ports of live attachments without a memory stay.
 * @param remembered elements requested by live attachments, by host link.
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
  return { ...distribute(kept, [...waiting, ...missing]), refused };
}

function identityOf({ set, key, value = '', owner = '' }: Element): string {
  return `${set} ${key} ${value} ${owner}`;
}

export function changesBetween(before: readonly Element[], after: readonly Element[]): ElementChanges {
  const [old, wanted] = [new Set(before.map(identityOf)), new Set(after.map(identityOf))];
  return {
    remove: before.filter((element) => !wanted.has(identityOf(element))),
    add: after.filter((element) => !old.has(identityOf(element))),
  };
}
