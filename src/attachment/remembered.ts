import type { Context } from '../sys/context.ts';
import type { Allocation, Attachment } from '../ipam/types.ts';
import { hasLink, isRunning, linkNames, ownProcess } from '../sys/proc.ts';
import { hostIfname, isHostIfname } from '../veth/name.ts';
import { type ForeignAttachment, listForeign, recallForeign } from './foreign.ts';
import { openHostStore } from './store.ts';
import { recall } from './intent.ts';
import { ownerOf } from './owners.ts';

/** An attachment whose pair exists, with addresses from any plugin. */
export type Remembered = ForeignAttachment;

/** An attachment known only by its host link's alias. */
export interface UnknownAttachment extends Attachment {
  readonly containerName?: string;
}

/** All attachments whose link exists. */
export interface Gathered {
  readonly remembered: readonly Remembered[];
  /** Attachments without a intent in these data directories. */
  readonly unknown: readonly UnknownAttachment[];
  /** Host links that an ADD or a DEL is working on: it adds or removes their own elements. */
  readonly busy: ReadonlySet<string>;
}

/**
 * Whether the pair exists without a intent of its rules: the state was lost and rebuilt from the links, which carry
 * only addresses and names.
 */
export function isForgotten(allocation: Allocation): boolean {
  if (recall(allocation.data) !== undefined) return false;
  const owner = hostIfname(allocation);
  return hasLink(owner) && recallForeign(owner) === undefined;
}

function isOthersWork({ creator }: Allocation): boolean {
  return creator !== undefined && creator.pid !== ownProcess().pid && isRunning(creator);
}

/**
 * Collects the intents of this host's attachments, from these data directories and from the notes of attachments with
 * another plugin's addresses.
 */
export async function recallAttached(
  dataDirs: readonly (string | undefined)[],
  ctx: Context,
): Promise<Gathered> {
  // Read the links first. An ADD stores its address before it makes its link, so a later link is remembered or not
  // looked at.
  const links = [...linkNames()].filter(isHostIfname);
  const byOwner = new Map<string, Remembered>(listForeign().map((one) => [one.owner, one]));
  const foreign = new Set(byOwner.keys());
  const busy = new Set<string>();
  for (const dataDir of dataDirs) {
    for (const allocation of await openHostStore(dataDir, ctx).list()) {
      const owner = hostIfname(allocation);
      if (!hasLink(owner) || foreign.has(owner)) continue;
      const intent = recall(allocation.data);
      if (isOthersWork(allocation)) busy.add(owner);
      if (intent === undefined) continue;
      const addresses = [...(byOwner.get(owner)?.addresses ?? []), allocation.address];
      byOwner.set(owner, { network: allocation.network, owner, addresses, intent });
    }
  }
  const strangers = links.filter((name) => !byOwner.has(name) && !busy.has(name) && hasLink(name));
  const unknown = strangers.flatMap((name) => ownerOf(name, ctx) ?? []);
  return { remembered: [...byOwner.values()], unknown, busy };
}
