import { busyError } from './refusals.ts';
import { keyOf } from './key.ts';
import { free, hold, sameAttachment, select, type State } from './state.ts';
import type { Allocation, Attachment, Creator } from './types.ts';
import { isDead, otherCreator, type View } from './view.ts';

export interface Freed {
  readonly state: State;
  readonly freed: readonly Allocation[];
}

export interface ReleaseRequest {
  readonly attachment: Attachment;
  /** The releasing process, which may be making the attachment and undoing it. */
  readonly creator?: Creator;
  /** Allocations that `allocate` took over, to be held again if their holders still live. */
  readonly restore?: readonly Allocation[];
  /** The container's name now, under which its addresses are remembered: it may have been renamed since. */
  readonly containerName?: string;
}

/**
 * Frees the addresses of one attachment, if any. Restored addresses are held again unless another attachment has them.
 * @throws IpamError `busy` while another process is making the attachment: it would use an address that may be reused.
 */
export function release(
  state: State,
  { attachment, creator, restore = [], containerName }: ReleaseRequest,
  view: View,
): Freed {
  const freed = select(state, (allocation) => sameAttachment(allocation, attachment));
  const other = otherCreator(freed, creator, view);
  if (other !== undefined) {
    throw busyError('release', attachment, other);
  }
  const named = containerName === undefined ? freed : freed.map((one) => ({ ...one, containerName }));
  const next = free(state, named, view.now);
  const again = restore.filter(
    (one) => view.isLive(one) && !next.allocations.has(keyOf(one.network, one.address)),
  );
  return { state: again.length === 0 ? next : hold(next, again), freed };
}

/** The attachments of one network that the runtime still knows (CNI SPEC 1.1.0, GC, `cni.dev/valid-attachments`). */
export interface Retained {
  readonly network: string;
  readonly valid: readonly Pick<Attachment, 'containerID' | 'ifname'>[];
}

/** Frees unlisted attachments, except those that a running process is making. */
export function retain(state: State, retained: Retained, view: View): Freed {
  const valid = new Set(retained.valid.map(({ containerID, ifname }) => `${containerID}/${ifname}`));
  const freed = select(
    state,
    (allocation) =>
      allocation.network === retained.network &&
      !valid.has(`${allocation.containerID}/${allocation.ifname}`) &&
      !(allocation.creator !== undefined && view.isRunning(allocation.creator)),
  );
  return { state: free(state, freed, view.now), freed };
}

/** Frees every allocation with a dead holder, of one network or of all. */
export function reclaim(state: State, filter: { readonly network?: string }, view: View): Freed {
  const { network } = filter;
  const freed = select(
    state,
    (allocation) => (network === undefined || allocation.network === network) && isDead(allocation, view),
  );
  return { state: free(state, freed, view.now), freed };
}

/** A reboot frees everything: allocations of another boot become released addresses. */
export function enterBoot(state: State, bootId: string, now: string): State {
  if (state.bootId === bootId) {
    return state;
  }
  return { ...free(state, [...state.allocations.values()], now), bootId };
}
