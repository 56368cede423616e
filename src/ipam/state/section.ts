import { scanLines, wholeWords, type Scan } from './checksum.ts';
import { keyOf } from './ledger.ts';
import type { Released } from '../state.ts';
import type { Allocation } from '../types.ts';

/** What a line of the file says. */
export type Entry = Allocation | Released;

/**
 * The lines of one object of the state file, and the entries they are the text of. Entries are never changed, only
 * replaced, so the lines of an entry that is still there need not be written again.
 */
export interface Section extends Scan {
  readonly entries: readonly Entry[];
  readonly bytes: Buffer;
  readonly seed: number;
}

/** A section of other entries, in the pieces its bytes are to be put together from. */
export interface Draft extends Omit<Section, 'bytes'> {
  readonly pieces: readonly Buffer[];
}

/** Replaces the entries: what the old and the new have in common at the beginning and at the end stays as it is. */
export function replaceEntries(last: Section, entries: readonly Entry[]): Draft {
  const { head, tail } = inCommon(last.entries, entries);
  const kept = last.entries.length - tail;
  const from = last.ends[head - 1] ?? 0;
  const to = last.ends[kept - 1] ?? 0;
  const changed = entries.slice(head, entries.length - tail);
  const written = Buffer.from(changed.map((entry, index) => lineOf(entry, head + index === 0)).join(''));
  const added = scanLines(written, last.seed);
  const removed = scanLines(last.bytes.subarray(from, to), last.seed);
  const shift = from + written.length - to;
  return {
    entries,
    ends: [
      ...last.ends.slice(0, head),
      ...added.ends.map((end) => from + end),
      ...last.ends.slice(kept).map((end) => end + shift),
    ],
    sum: (last.sum - removed.sum + added.sum) | 0,
    seed: last.seed,
    pieces: [last.bytes.subarray(0, from), written, last.bytes.subarray(to)],
  };
}

/** How many entries both begin with, and how many others both end with. */
function inCommon(
  last: readonly Entry[],
  next: readonly Entry[],
): { readonly head: number; readonly tail: number } {
  const shorter = Math.min(last.length, next.length);
  let head = 0;
  while (head < shorter && last[head] === next[head]) {
    head += 1;
  }
  // A section's first line has no comma, so it is not the same as a later one of the same entry.
  const most = shorter - Math.max(head, 1);
  let tail = 0;
  while (tail < most && last[last.length - 1 - tail] === next[next.length - 1 - tail]) {
    tail += 1;
  }
  return { head, tail };
}

/** What the key says is not said again: it would be a quarter of a small file. */
function lineOf({ network, address, ...rest }: Entry, isFirst: boolean): string {
  const key = JSON.stringify(keyOf(network, address));
  return wholeWords(`${isFirst ? '' : ','}${key}:${JSON.stringify(rest)}`);
}
