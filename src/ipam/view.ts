import type { Allocation, Creator } from './types.ts';

/** A reducer's view of the host, so that reducers stay pure. */
export interface View {
  /** RFC 3339, UTC. */
  readonly now: string;
  readonly isLive: (allocation: Allocation) => boolean;
  readonly isRunning: (creator: Creator) => boolean;
}

/** Whether the holder is gone and no process is making it, so that the address may be allocated again. */
export function isDead(allocation: Allocation, view: View): boolean {
  return (
    !view.isLive(allocation) && (allocation.creator === undefined || !view.isRunning(allocation.creator))
  );
}

/** A running process, other than `own`, that is making one of the allocations. */
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
