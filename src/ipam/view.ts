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

/** Neither there nor being made: its address may be given to another. */
export function isDead(allocation: Allocation, view: View): boolean {
  return (
    !view.isLive(allocation) && (allocation.creator === undefined || !view.isRunning(allocation.creator))
  );
}

/** Another process than `own` that is making one of the allocations right now. */
export function otherMaker(
  allocations: readonly Allocation[],
  own: Creator | undefined,
  view: View,
): Creator | undefined {
  const makers = allocations.flatMap(({ creator }) => (creator === undefined ? [] : [creator]));
  return makers.find((maker) => !isSameProcess(maker, own) && view.isRunning(maker));
}

function isSameProcess(one: Creator, other: Creator | undefined): boolean {
  return one.pid === other?.pid && one.startTime === other.startTime;
}
