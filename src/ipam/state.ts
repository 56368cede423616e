import { carryFloors } from './unused.ts';
import { keyOf, Ledger } from './state/ledger.ts';
import type { Allocation, Attachment } from './types.ts';

/** The last owner of an address that is free now. */
export interface Released extends Attachment {
  readonly address: string;
  readonly containerName?: string;
  /** When it became free; RFC 3339, UTC. */
  readonly time: string;
}

/**
 * Everything the store keeps. Both ledgers are keyed `"<network>/<address>"`, so an address cannot be held twice.
 * `released` is in order of release, longest free first.
 */
export interface State {
  /** The boot the allocations belong to; an allocation does not outlive it. */
  readonly bootId: string;
  readonly allocations: Ledger<Allocation>;
  readonly released: Ledger<Released>;
}

/** How many released addresses are remembered, over all networks: more than a /24 has, less than one more page of file. */
export const RELEASED_LIMIT = 512;

export function emptyState(bootId: string): State {
  return { bootId, allocations: new Ledger<Allocation>([]), released: new Ledger<Released>([]) };
}

export function sameAttachment(one: Attachment, other: Attachment): boolean {
  return (
    one.containerID === other.containerID && one.ifname === other.ifname && one.network === other.network
  );
}

/** The allocations for which `test` holds, in the order they were made. */
export function select(state: State, test: (allocation: Allocation) => boolean): Allocation[] {
  return state.allocations.list.filter(test);
}

/** Frees the given allocations and remembers them, in their order, as most recently released. */
export function free(state: State, gone: readonly Allocation[], time: string): State {
  if (gone.length === 0) {
    return state;
  }
  const keys = gone.map(({ network, address }) => keyOf(network, address));
  const memories = gone.map((allocation) => memoryOf(allocation, time));
  const released = state.released.without(keys).with(memories);
  const allocations = state.allocations.without(keys);
  const next = { ...state, allocations, released: newest(released) };
  return next.released === released ? carryFloors(state, next) : next;
}

function newest(released: Ledger<Released>): Ledger<Released> {
  const surplus = released.list.slice(0, Math.max(released.size - RELEASED_LIMIT, 0));
  return released.without(surplus.map(({ network, address }) => keyOf(network, address)));
}

/** Enters allocations; an address in use is no longer remembered as free. */
export function hold(state: State, held: readonly Allocation[]): State {
  const keys = held.map(({ network, address }) => keyOf(network, address));
  const released = state.released.without(keys);
  return carryFloors(state, { ...state, allocations: state.allocations.with(held), released });
}

function memoryOf(allocation: Allocation, time: string): Released {
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
