import { keyOf } from './key.ts';
import type { Allocation, Attachment } from './types.ts';

/** The last owner of a free address. */
export interface Released extends Attachment {
  readonly address: string;
  readonly containerName?: string;
  /** Time of release; RFC 3339, UTC. */
  readonly time: string;
}

/**
 * The content of allocations.json. Both maps are keyed `"<network>/<address>"`, so an address cannot be held twice.
 * `released` is in order of release, longest free first.
 */
export interface State {
  /** The boot that the allocations belong to: none outlives it. */
  readonly bootId: string;
  readonly allocations: ReadonlyMap<string, Allocation>;
  readonly released: ReadonlyMap<string, Released>;
}

/** Released addresses remembered over all networks: more than a /24 has, less than one more page of file. */
export const RELEASED_LIMIT = 512;

export function emptyState(bootId: string): State {
  return { bootId, allocations: new Map(), released: new Map() };
}

export function sameAttachment(one: Attachment, other: Attachment): boolean {
  return (
    one.containerID === other.containerID && one.ifname === other.ifname && one.network === other.network
  );
}

/** In order of allocation. */
export function select(state: State, test: (allocation: Allocation) => boolean): Allocation[] {
  return [...state.allocations.values()].filter(test);
}

/** Frees allocations; their addresses become the most recently released, in the same order. */
export function free(state: State, gone: readonly Allocation[], time: string): State {
  if (gone.length === 0) {
    return state;
  }
  const allocations = new Map(state.allocations);
  const released = new Map(state.released);
  for (const allocation of gone) {
    const key = keyOf(allocation.network, allocation.address);
    allocations.delete(key);
    released.delete(key);
    released.set(key, releasedOf(allocation, time));
  }
  for (const key of [...released.keys()].slice(0, -RELEASED_LIMIT)) released.delete(key);
  return { ...state, allocations, released };
}

/** Adds allocations; their addresses are no longer remembered as free. */
export function hold(state: State, held: readonly Allocation[]): State {
  const allocations = new Map(state.allocations);
  const released = new Map(state.released);
  for (const allocation of held) {
    const key = keyOf(allocation.network, allocation.address);
    allocations.set(key, allocation);
    released.delete(key);
  }
  return { ...state, allocations, released };
}

function releasedOf(allocation: Allocation, time: string): Released {
  const { network, containerID, ifname, address, containerName } = allocation;
  return {
    network,
    containerID,
    ifname,
    address,
    ...(containerName === undefined ? {} : { containerName }),
    time,
  };
}
