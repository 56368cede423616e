import { keyOf } from '../key.ts';
import { hold, sameAttachment, select, type State } from '../state.ts';
import type { Allocation } from '../types.ts';

/**
 * Joins the entries of a file with those of the host's links. The links win: an attachment with a link has exactly the
 * addresses that the link names. The file adds what links do not carry, and the entries that contradict no link.
 */
export function rebuild(state: State, links: readonly Allocation[]): State {
  const kept = select(state, (entry) => !links.some((link) => contradicts(link, entry)));
  const merged = links.map((link) => {
    const entry = state.allocations.get(keyOf(link.network, link.address));
    return entry !== undefined && sameAttachment(entry, link)
      ? { ...entry, ...link, time: entry.time }
      : link;
  });
  // Kept entries first, so that a link's entry replaces the file's under the same key.
  return hold({ ...state, allocations: new Map() }, [...kept, ...merged]);
}

/** A link belongs to one attachment: if another attachment's entry names it, that entry's key is damaged. */
function contradicts(link: Allocation, entry: Allocation): boolean {
  return (
    sameAttachment(link, entry) || (link.hostIfname !== undefined && link.hostIfname === entry.hostIfname)
  );
}

/**
 * Whether a damaged file is of another boot. Random boot ids differ nearly everywhere; one that differs in a few places
 * is this boot's, damaged, and its addresses are in use.
 */
export function isOtherBoot(found: string, current: string): boolean {
  if (found.length !== current.length) {
    return false;
  }
  const differences = Array.from(found).filter((character, index) => character !== current[index]).length;
  return differences > current.length / 3;
}
