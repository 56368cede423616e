import type { Allocation, Creator } from './types.ts';

/** How a reducer sees the host. Pure code asks, the store answers. */
export interface View {
  /** Now, RFC 3339, UTC. */
  readonly now: string;
  /** Whether what the allocation was made for still exists. */
  readonly isLive: (allocation: Allocation) => boolean;
  /** Whether the process that makes it still runs. */
  readonly isRunning: (creator: Creator) => boolean;
}

/** Whether the holder is gone and no process is making it: the address may be given to another attachment. */
export function isDead(allocation: Allocation, view: View): boolean {
  return (
    !view.isLive(allocation) && (allocation.creator === undefined || !view.isRunning(allocation.creator))
  );
}

/** The running process, other than `own`, that is making one of the allocations. */
export function otherCreator(
  allocations: readonly Allocation[],
  own: Creator | undefined,
  view: View,
): Creator | undefined {
  return allocations
    .flatMap(({ creator }) => creator ?? [])
    .find((creator) => !isSameProcess(creator, own) && view.isRunning(creator));
}

function isSameProcess(one: Creator, other: Creator | undefined): boolean {
  return one.pid === other?.pid && one.startTime === other.startTime;
}
