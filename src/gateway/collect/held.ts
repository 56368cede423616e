import { openHostStore } from '../../attachment/store.ts';
import { UNBOUNDED } from '../../sys/context.ts';

/**
 * Addresses of the default data directory by container, of stopped ones as well. A file that cannot be read costs the
 * addresses of stopped containers only, and `flatnet doctor` tells of it.
 */
export async function heldAddresses(): Promise<ReadonlyMap<string, readonly string[]>> {
  const allocations = await openHostStore(undefined, UNBOUNDED)
    .list()
    .catch(() => []);
  const byContainer = Map.groupBy(allocations, ({ containerID }) => containerID);
  return new Map([...byContainer].map(([id, own]) => [id, own.map(({ address }) => address)] as const));
}
