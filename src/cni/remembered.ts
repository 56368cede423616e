import { hasLink } from '../sys/proc.ts';
import { hostIfname } from '../veth/name.ts';
import { type ForeignAttachment, listForeign } from './foreign.ts';
import { openHostStore } from './holders.ts';
import { recall } from './memory.ts';

/** An attachment whose pair is there, whoever gave its addresses. */
export type Remembered = ForeignAttachment;

/** All attachments that have their link. */
export interface Gathered {
  readonly remembered: readonly Remembered[];
  /** Container ids of those of which nothing is remembered. */
  readonly unknown: readonly string[];
}

/** Finds what the attachments of this host asked for: in a data directory, and of those whose addresses are foreign. */
export async function recallAttached(dataDir: string | undefined): Promise<Gathered> {
  const byOwner = new Map<string, Remembered>();
  const foreign = listForeign();
  const unknown = new Set<string>();
  for (const allocation of await openHostStore(dataDir).list()) {
    const owner = hostIfname(allocation);
    // Lost state is rebuilt from all links: foreign ones too.
    if (!hasLink(owner) || foreign.some((one) => one.owner === owner)) continue;
    const memory = recall(allocation.data);
    if (memory === undefined) unknown.add(allocation.containerID);
    else {
      const addresses = [...(byOwner.get(owner)?.addresses ?? []), allocation.address];
      byOwner.set(owner, { network: allocation.network, owner, addresses, memory });
    }
  }
  return { remembered: [...byOwner.values(), ...foreign], unknown: [...unknown] };
}
