import type { Allocation } from '../../ipam/types.ts';

/** What tells whether a container may still be started, or runs. */
export interface Signs {
  readonly now: Date;
  /** Ids of Podman's containers, listed after the allocations. */
  readonly known: ReadonlySet<string>;
  /** Namespaces with a process in them, as `dev:inode`. */
  readonly occupied: ReadonlySet<string>;
  /** Identity of the namespace that is at a path; `undefined` where there is none. */
  readonly idAt: (path: string) => string | undefined;
}

/**
 * A Podman with another storage, which this one knows nothing of, may be between `setup` and the container's first process:
 * other networks of the container are set up there, each within 30 s.
 */
const STARTING_MS = 60_000;

/** The namespace of a container that Podman has made; other engines and people give theirs other names. */
function isPodmans({ containerID, netns }: Allocation): boolean {
  const path = netns?.path ?? '';
  return (
    /^[0-9a-f]{64}$/.test(containerID) &&
    /^(\/var)?\/run\/netns\/netns-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(path)
  );
}

/** Whether asking Podman and all processes can show that an attachment is abandoned. */
export function mayBeAbandoned(allocation: Allocation, now: Date): boolean {
  return isPodmans(allocation) && now.getTime() - Date.parse(allocation.time) > STARTING_MS;
}

/**
 * Attachments that no call will ever remove: Podman was killed in `setup`, and its container removed since, for which it
 * calls no `teardown`. Podman's file of the namespace is there, the namespace has no process, and Podman does not know the
 * container.
 */
export function abandonedAmong(allocations: readonly Allocation[], signs: Signs): readonly Allocation[] {
  const { now, known, occupied, idAt } = signs;
  return allocations.filter((one) => {
    const { containerID, netns } = one;
    return (
      netns !== undefined &&
      mayBeAbandoned(one, now) &&
      !known.has(containerID) &&
      !occupied.has(netns.id) &&
      idAt(netns.path) === netns.id
    );
  });
}
