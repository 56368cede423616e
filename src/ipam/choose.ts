import { formatAddress, parseAddress } from '../input/address.ts';
import { exhaustedError, reservedError, takenError, unavailableError } from './refusals.ts';
import { isDynamic, spanContains } from './range.ts';
import type { Wanted } from './request.ts';
import { keyOf } from './key.ts';
import { free, select, type Released, type State } from './state.ts';
import type { Allocation, AllocateRequest, Range, RangeSet } from './types.ts';
import { neverUsed } from './unused.ts';
import { isDead, type View } from './view.ts';

/** What one range set is asked for. */
export interface Ask {
  readonly request: AllocateRequest;
  readonly set: RangeSet;
  readonly wanted?: Wanted;
  /** The attachment's own former entries: they are preferred. */
  readonly replaced: readonly Allocation[];
}

/** The address that was chosen, and the dead holders that make way. */
export interface Choice {
  readonly address: string;
  readonly range: Range;
  readonly reclaimed: readonly Allocation[];
}

/**
 * Chooses an address of a range set: the requested one, else the reserved one, else the attachment's or container's
 * former one, else one never used, else the one free for longest, else one whose holder is dead.
 */
export function chooseAddress(state: State, ask: Ask, view: View): Choice {
  if (ask.wanted !== undefined) {
    return claim(state, { ask, ...ask.wanted }, view);
  }
  return (
    reservedFor(state, ask, view) ?? former(state, ask) ?? fresh(state, ask) ?? afterReclaim(state, ask, view)
  );
}

interface Claim {
  readonly ask: Ask;
  readonly range: Range;
  readonly value: bigint;
}

/** This very address: free, or held by somebody dead. */
function claim(state: State, { ask, range, value }: Claim, view: View): Choice {
  const { attachment, pool, containerName } = ask.request;
  const address = formatAddress({ family: range.family, value });
  const owner = reservedOwner(ask.request, address);
  if (owner !== undefined && owner !== containerName) {
    throw reservedError(pool.network, address, owner);
  }
  const holder = state.allocations.get(keyOf(attachment.network, address));
  if (holder !== undefined && !isDead(holder, view)) {
    throw unavailableError(holder);
  }
  const other = ask.request.takenBy?.(address, true);
  if (other !== undefined) {
    throw takenError(pool.network, address, other);
  }
  return { address, range, reclaimed: holder === undefined ? [] : [holder] };
}

/** The address reserved for the container, unless another interface of the same container has it. */
function reservedFor(state: State, ask: Ask, view: View): Choice | undefined {
  const { pool, containerName } = ask.request;
  for (const text of reservedNames(pool.reservations, containerName)) {
    const value = parseAddress(text);
    const range = ask.set.find(
      (one) => one.family === value?.family && spanContains(one.subnet, value.value),
    );
    const holder = state.allocations.get(keyOf(pool.network, text));
    const ownElsewhere =
      holder?.containerName === containerName && holder !== undefined && !isDead(holder, view);
    if (value !== undefined && range !== undefined && !ownElsewhere) {
      return claim(state, { ask, range, value: value.value }, view);
    }
  }
  return undefined;
}

/** The address this attachment had, by what it holds in another sandbox or by memory; then the container's by name. */
function former(state: State, ask: Ask): Choice | undefined {
  for (const address of formerAddresses(state, ask)) {
    const choice = freeDynamic(state, ask, address);
    if (choice !== undefined) {
      return choice;
    }
  }
  return undefined;
}

function formerAddresses(state: State, ask: Ask): readonly string[] {
  const { attachment, containerName } = ask.request;
  const byAttachment: string[] = [];
  const byName: string[] = [];
  const byNameElsewhere: string[] = [];
  const consider = (entry: Released): void => {
    if (entry.network !== attachment.network) {
      return;
    }
    if (entry.containerID === attachment.containerID && entry.ifname === attachment.ifname) {
      byAttachment.unshift(entry.address);
    } else if (containerName !== undefined && entry.containerName === containerName) {
      (entry.ifname === attachment.ifname ? byName : byNameElsewhere).unshift(entry.address);
    }
  };
  state.released.forEach(consider);
  const held = ask.replaced.map((allocation) => allocation.address);
  return [...held, ...byAttachment, ...byName, ...byNameElsewhere];
}

/** The address, if it may be handed out unasked and nobody has it. */
function freeDynamic(state: State, ask: Ask, address: string): Choice | undefined {
  const parsed = parseAddress(address);
  const range = ask.set.find((one) => one.family === parsed?.family && isDynamic(one, parsed.value));
  if (range === undefined || !isOpen(state, ask.request, address)) {
    return undefined;
  }
  return { address, range, reclaimed: [] };
}

/** The first address never used, in numeric order; when all have been, the one that is free for longest. */
function fresh(state: State, ask: Ask): Choice | undefined {
  const { network } = ask.request.pool;
  const isOpenHere = (address: string): boolean => isOpen(state, ask.request, address);
  for (const range of ask.set) {
    const address = neverUsed(state, range, { network, isOpen: isOpenHere });
    if (address !== undefined) {
      return { address, range, reclaimed: [] };
    }
  }
  return longestFree(state, ask);
}

function longestFree(state: State, ask: Ask): Choice | undefined {
  for (const entry of state.released.values()) {
    const choice =
      entry.network === ask.request.pool.network ? freeDynamic(state, ask, entry.address) : undefined;
    if (choice !== undefined) {
      return choice;
    }
  }
  return undefined;
}

/** Frees every dead holder of the network and takes the address that was taken first. */
function afterReclaim(state: State, ask: Ask, view: View): Choice {
  const { network } = ask.request.pool;
  const dead = select(state, (allocation) => allocation.network === network && isDead(allocation, view));
  const without = free(state, dead, view.now);
  for (const allocation of dead) {
    const choice = freeDynamic(without, ask, allocation.address);
    if (choice !== undefined) {
      return { ...choice, reclaimed: dead };
    }
  }
  throw exhaustedError(state, ask, dead);
}

/** Held by nobody, reserved for nobody else. */
function isOpen(state: State, request: AllocateRequest, address: string): boolean {
  if (state.allocations.has(keyOf(request.pool.network, address))) {
    return false;
  }
  const owner = reservedOwner(request, address);
  const isKept = owner !== undefined && owner !== request.containerName;
  return !isKept && request.takenBy?.(address, false) === undefined;
}

function reservedOwner(request: AllocateRequest, address: string): string | undefined {
  return Object.entries(request.pool.reservations).find(([, addresses]) => addresses.includes(address))?.[0];
}

function reservedNames(
  reservations: AllocateRequest['pool']['reservations'],
  name: string | undefined,
): readonly string[] {
  return name !== undefined && Object.hasOwn(reservations, name) ? (reservations[name] ?? []) : [];
}
