import { keyOf } from '../key.ts';
import { hold, sameAttachment, select, type State } from '../state.ts';
import type { Allocation, Proof } from '../types.ts';

/**
 * Joins the entries of a file with those of the host's links. The links win: an attachment with a link has exactly the
 * addresses that the link names. The file adds what links do not carry, and the entries that contradict no link. An entry of
 * another time than its link says is of an earlier attachment, whose ports and names may have been others.
 * @param now RFC 3339, for a link that does not say when it was made and that the file lacks.
 */
export function rebuild(state: State, links: readonly Proof[], now: string): State {
  const kept = select(state, (entry) => !links.some((link) => contradicts(link, entry)));
  const merged = links.map((link): Allocation => {
    const entry = state.allocations.get(keyOf(link.network, link.address));
    const isKnown = entry !== undefined && sameAttachment(entry, link);
    return isKnown && (link.time ?? entry.time) === entry.time
      ? { ...entry, ...link, time: entry.time }
      : { ...link, time: link.time ?? now };
  });
  // Kept entries first, so that a link's entry replaces the file's under the same key.
  return hold({ ...state, allocations: new Map() }, [...kept, ...merged]);
}

/** A link belongs to one attachment: if another attachment's entry names it, that entry's key is damaged. */
function contradicts(link: Proof, entry: Allocation): boolean {
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
