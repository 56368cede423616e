import type { Allocation } from '../ipam/types.ts';
import { hasLink } from '../sys/proc.ts';
import { hostIfname } from '../veth/name.ts';
import { type ForeignAttachment, listForeign, recallForeign } from './foreign.ts';
import { openHostStore } from './holders.ts';
import { recall } from './memory.ts';

/** An attachment whose pair is there, whoever gave its addresses. */
export type Remembered = ForeignAttachment;

/** All attachments that have their link. */
export interface Gathered {
  readonly remembered: readonly Remembered[];
  /** Addresses of those of which nothing is remembered. */
  readonly unknown: readonly Allocation[];
}

/**
 * Whether the pair is there, but nothing is remembered of its rules: the state was lost and rebuilt from the links,
 * which carry addresses and names alone.
 */
export function isForgotten(allocation: Allocation): boolean {
  if (recall(allocation.data) !== undefined) return false;
  const owner = hostIfname(allocation);
  return hasLink(owner) && recallForeign(owner) === undefined;
}

/** Finds what the attachments of this host asked for: in a data directory, and of those whose addresses are foreign. */
export async function recallAttached(dataDir: string | undefined): Promise<Gathered> {
  const byOwner = new Map<string, Remembered>();
  const foreign = listForeign();
  const unknown: Allocation[] = [];
  for (const allocation of await openHostStore(dataDir).list()) {
    const owner = hostIfname(allocation);
    // Lost state is rebuilt from all links: foreign ones too.
    if (!hasLink(owner) || foreign.some((one) => one.owner === owner)) continue;
    const memory = recall(allocation.data);
    if (memory === undefined) unknown.push(allocation);
    else {
      const addresses = [...(byOwner.get(owner)?.addresses ?? []), allocation.address];
      byOwner.set(owner, { network: allocation.network, owner, addresses, memory });
    }
  }
  return { remembered: [...byOwner.values(), ...foreign], unknown };
}
