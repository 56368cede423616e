import type { Store } from '../ipam/store.ts';
import type { Allocation } from '../ipam/types.ts';
import type { Context } from '../sys/context.ts';
import { ownProcess } from '../sys/proc.ts';
import { removeBandwidth } from '../veth/bandwidth.ts';
import { findHostLink } from '../veth/find.ts';
import { hostIfname } from '../veth/name.ts';
import { removePair } from '../veth/remove.ts';
import { removeRules } from './rules.ts';

/**
 * Removes all that is left of an attachment whose runtime will never ask for it: rules, bandwidth limit, pair, address, in
 * the order of detach. Needs no configuration of its network.
 * @returns the freed allocations.
 * @throws IpamError `busy` if a process is making or removing the attachment.
 */
export async function clearAttachment(
  store: Store,
  attachment: Allocation,
  ctx: Context,
): Promise<readonly Allocation[]> {
  const creator = ownProcess();
  // Claimed first: meanwhile nobody takes the attachment for dead, or makes it anew.
  await store.update(attachment, { creator });
  const link = await findHostLink(attachment, ctx);
  // The link of that name, and the rules that bear its name, belong to another attachment.
  if (link?.isOurs !== false) {
    const host = hostIfname(attachment);
    await removeRules(host, ctx);
    await removeBandwidth(host, ctx);
    if (link !== undefined) await removePair(link.name, ctx);
  }
  return store.release(attachment, { creator });
}
