import { formatAddress, parseAddress } from '../input/address.ts';
import { keyOf } from './key.ts';
import { dynamicValues, isDynamic, rangeOf } from './range.ts';
import { exhaustedError, reservedError, takenError, unavailableError } from './refusals.ts';
import type { RequestedAddress, SetRequest } from './request.ts';
import { free, sameAttachment, select, type State } from './state.ts';
import type { Allocation, AllocateRequest, Range } from './types.ts';
import { isDead, type View } from './view.ts';

export interface Choice {
  readonly address: string;
  readonly range: Range;
  readonly reclaimed: readonly Allocation[];
}

/**
 * In this order: the requested address, a reserved one, the attachment's or container's former one, one never used, the
 * one free for longest, one with a dead holder.
 */
export function chooseAddress(state: State, setRequest: SetRequest, view: View): Choice {
  const { request, requested } = setRequest;
  if (requested !== undefined) return claim(state, { request, ...requested }, view);
  return (
    reservedFor(state, setRequest, view) ??
    former(state, setRequest) ??
    fresh(state, setRequest) ??
    longestFree(state, setRequest) ??
    afterReclaim(state, setRequest, view)
  );
}

interface Claim extends RequestedAddress {
  readonly request: AllocateRequest;
}

/** Takes exactly this address, which must be free or have a dead holder. */
function claim(state: State, { request, range, value }: Claim, view: View): Choice {
  const { network } = request.pool;
  const address = formatAddress({ family: range.family, value });
  const owner = reservedOwner(request, address);
  if (owner !== undefined && owner !== request.containerName) throw reservedError(network, address, owner);
  const holder = state.allocations.get(keyOf(network, address));
  if (holder !== undefined && !isDead(holder, view)) throw unavailableError(holder);
  const other = request.takenBy?.(address, true);
  if (other !== undefined) throw takenError(network, address, other);
  return { address, range, reclaimed: holder === undefined ? [] : [holder] };
}

/** The container's reserved address, unless another interface of the same container has it. */
function reservedFor(state: State, { request, set }: SetRequest, view: View): Choice | undefined {
  for (const text of reservedAddresses(request)) {
    const address = parseAddress(text);
    const range = address && rangeOf(set, address);
    const holder = state.allocations.get(keyOf(request.pool.network, text));
    const isOwn = holder !== undefined && holder.containerName === request.containerName;
    if (address !== undefined && range !== undefined && !(isOwn && !isDead(holder, view))) {
      return claim(state, { request, range, value: address.value }, view);
    }
  }
  return undefined;
}

/** The attachment's address in another sandbox, its last one, then the last ones of a container of this name. */
function former(state: State, setRequest: SetRequest): Choice | undefined {
  for (const address of formerAddresses(state, setRequest)) {
    const choice = freeDynamic(state, setRequest, address);
    if (choice !== undefined) return choice;
  }
  return undefined;
}

function formerAddresses(state: State, { request, replaced }: SetRequest): readonly string[] {
  const { attachment, containerName } = request;
  const byAttachment: string[] = [];
  const byName: string[] = [];
  const byNameElsewhere: string[] = [];
  for (const entry of state.released.values()) {
    if (entry.network !== attachment.network) continue;
    if (sameAttachment(entry, attachment)) {
      byAttachment.unshift(entry.address);
    } else if (containerName !== undefined && entry.containerName === containerName) {
      (entry.ifname === attachment.ifname ? byName : byNameElsewhere).unshift(entry.address);
    }
  }
  return [...replaced.map(({ address }) => address), ...byAttachment, ...byName, ...byNameElsewhere];
}

/** The address, if it is free and may be allocated without a request. */
function freeDynamic(state: State, { request, set }: SetRequest, text: string): Choice | undefined {
  const address = parseAddress(text);
  const range = set.find((one) => one.family === address?.family && isDynamic(one, address.value));
  return range === undefined || !isOpen(state, request, text)
    ? undefined
    : { address: text, range, reclaimed: [] };
}

/** The first address, in numeric order, that is not known to have been used. */
function fresh(state: State, { request, set }: SetRequest): Choice | undefined {
  const { network } = request.pool;
  for (const range of set) {
    for (const value of dynamicValues(range)) {
      const address = formatAddress({ family: range.family, value });
      if (!state.released.has(keyOf(network, address)) && isOpen(state, request, address)) {
        return { address, range, reclaimed: [] };
      }
    }
  }
  return undefined;
}

function longestFree(state: State, setRequest: SetRequest): Choice | undefined {
  const { network } = setRequest.request.pool;
  for (const entry of state.released.values()) {
    const choice = entry.network === network ? freeDynamic(state, setRequest, entry.address) : undefined;
    if (choice !== undefined) return choice;
  }
  return undefined;
}

/** Frees every dead holder of the network and takes the address that was allocated first. */
function afterReclaim(state: State, setRequest: SetRequest, view: View): Choice {
  const { network } = setRequest.request.pool;
  const dead = select(state, (allocation) => allocation.network === network && isDead(allocation, view));
  const reclaimed = free(state, dead, view.now);
  for (const { address } of dead) {
    const choice = freeDynamic(reclaimed, setRequest, address);
    if (choice !== undefined) return { ...choice, reclaimed: dead };
  }
  throw exhaustedError(state, setRequest, dead);
}

/** Whether the address has no holder and is not reserved for another container. */
function isOpen(state: State, request: AllocateRequest, address: string): boolean {
  if (state.allocations.has(keyOf(request.pool.network, address))) return false;
  const owner = reservedOwner(request, address);
  const isKept = owner !== undefined && owner !== request.containerName;
  return !isKept && request.takenBy?.(address, false) === undefined;
}

function reservedOwner({ pool }: AllocateRequest, address: string): string | undefined {
  return Object.entries(pool.reservations).find(([, addresses]) => addresses.includes(address))?.[0];
}

function reservedAddresses({ pool, containerName }: AllocateRequest): readonly string[] {
  const entry = Object.entries(pool.reservations).find(([name]) => name === containerName);
  return entry === undefined ? [] : entry[1];
}
