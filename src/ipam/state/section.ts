import { keyOf } from '../key.ts';
import type { Released } from '../state.ts';
import type { Allocation } from '../types.ts';
import { checkLine, wholeWords } from './checksum.ts';

/** What a line of the file says. */
export type Entry = Allocation | Released;

/** The entries of one object of the state file, with the line of each and the check of that line. */
export interface Section {
  readonly entries: readonly Entry[];
  readonly lines: readonly string[];
  readonly checks: readonly number[];
}

export const NO_LINES: Section = { entries: [], lines: [], checks: [] };

/**
 * The section that has these entries. Entries are replaced, never changed, and keep their order: the lines of those
 * that `last` has are taken from there, which for 1,000 of them saves 7 ms of a process that has just started.
 *
 * @param seed - of the checks.
 */
export function sectionOf(entries: readonly Entry[], seed: number, last: Section): Section {
  const lines: string[] = [];
  const checks: number[] = [];
  let next = 0;
  for (const entry of entries) {
    const isFirst = lines.length === 0;
    const former = last.entries.indexOf(entry, next);
    // The first line has no comma.
    const kept = isFirst === (former === 0) ? last.lines[former] : undefined;
    const line = kept ?? lineOf(entry, isFirst);
    lines.push(line);
    checks.push((kept === undefined ? undefined : last.checks[former]) ?? checkLine(line, seed));
    next = Math.max(next, former + 1);
  }
  return { entries, lines, checks };
}

/** The key is not repeated in the entry: that would be a quarter of a small file. */
function lineOf({ network, address, ...rest }: Entry, isFirst: boolean): string {
  const key = JSON.stringify(keyOf(network, address));
  return wholeWords(`${isFirst ? '' : ','}${key}:${JSON.stringify(rest)}`);
}
