import type { Context } from '../sys/context.ts';
import { applyInBackground, openLinks } from '../sys/kernel.ts';
import { deleteLink } from '../sys/netlink/link-requests.ts';
import { isRefusal } from '../sys/netlink/error.ts';

/** Removes a pair by its host end; the kernel removes the other. Absent is success. */
export async function removePair(hostIfname: string, ctx: Context): Promise<void> {
  using kernel = openLinks(ctx);
  try {
    await applyInBackground(kernel, deleteLink(hostIfname));
  } catch (error) {
    if (!isRefusal(error, 'ENODEV')) throw error;
  }
}
