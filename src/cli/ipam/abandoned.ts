import { refreshNames } from '../../attachment/names.ts';
import { clearAttachment } from '../../attachment/clear.ts';
import type { Store } from '../../ipam/store.ts';
import type { Allocation } from '../../ipam/types.ts';
import type { Context } from '../../sys/context.ts';
import { netnsIdAt, removeNetnsFile } from '../../sys/netns-file.ts';
import { occupiedNetns } from '../../sys/occupied.ts';
import { abandonedAmong, mayBeAbandoned } from '../facts/abandoned.ts';
import { hasPodman, listContainers } from '../facts/podman.ts';

type Filter = Parameters<Store['list']>[0];

/**
 * Looks for attachments of containers that Podman does not know any more. Asks Podman and looks at processes only where an
 * attachment may be one; finds none where there is no Podman.
 *
 * @throws CommandError if Podman does not answer.
 */
export async function findAbandoned(store: Store, filter: Filter): Promise<readonly Allocation[]> {
  const now = new Date();
  const held = (await store.list(filter)).filter((one) => mayBeAbandoned(one, now));
  if (held.length === 0 || !hasPodman()) return [];
  // In this order: a container is in Podman's list before it has an address, and an entry is older than its process.
  const known = new Set((await listContainers()).map(({ id }) => id));
  return abandonedAmong(held, { now, known, occupied: occupiedNetns(), idAt: netnsIdAt });
}

/** Removes these attachments, then their namespaces. Returns the freed allocations. */
export async function clearAbandoned(
  store: Store,
  found: readonly Allocation[],
  ctx: Context,
): Promise<readonly Allocation[]> {
  const freed: Allocation[] = [];
  for (const one of found) {
    // The first address of an attachment has freed the others.
    const isFreed = freed.some(({ network, address }) => network === one.network && address === one.address);
    if (!isFreed) freed.push(...(await clearAttachment(store, one, ctx)));
  }
  const namespaces = new Map(
    found.flatMap(({ netns }) => (netns === undefined ? [] : [[netns.path, netns.id]])),
  );
  for (const [path, id] of namespaces) {
    if (netnsIdAt(path) === id && !occupiedNetns().has(id)) await removeNetnsFile(path, ctx);
  }
  // As in collectDead(): a server that cannot be told answers nobody either.
  await refreshNames(ctx, (name) => freed.some(({ network }) => network === name));
  return freed;
}
