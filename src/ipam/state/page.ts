import { isFields } from '../../input/parse.ts';
import { partsOf } from '../key.ts';
import type { Released, State } from '../state.ts';
import type { Allocation } from '../types.ts';
import { checkLine, checkLines, checksumOf, UNSIGNED, wholeWords } from './checksum.ts';
import { NO_LINES, sectionOf, type Section } from './section.ts';

/*
 * The state file is one JSON document with one entry per line, so that people can read and compare it. Blanks pad lines
 * to whole words of four bytes. The checksum covers the whole file, with zeros in its own place.
 */

/** Version of the file format; a file of another version counts as damaged, is set aside and rebuilt. */
const VERSION = 1;
const BEGIN = `{"version":${VERSION},"checksum":"`;
const MIDDLE = wholeWords('},"released":{');
const END = wholeWords('}}');
const SEED = { head: 1, allocations: 2, released: 3 };

export interface Page {
  readonly allocations: Section;
  readonly released: Section;
  /** Checksum and length, which identify the content. */
  readonly seal: string;
}

export interface Draft extends Page {
  readonly content: Buffer;
}

export interface ReadPage {
  readonly page: Page;
  readonly state: State;
}

/** @param last the page to replace. */
export function writePage(state: State, last?: Page): Draft {
  const allocations = sectionOf(
    [...state.allocations.values()],
    SEED.allocations,
    last?.allocations ?? NO_LINES,
  );
  const released = sectionOf([...state.released.values()], SEED.released, last?.released ?? NO_LINES);
  const head = wholeWords(`${BEGIN}${UNSIGNED}","bootId":${JSON.stringify(state.bootId)},"allocations":{`);
  const checksum = checksumOf([checkLine(head, SEED.head), ...allocations.checks, ...released.checks]);
  const signed = head.replace(UNSIGNED, checksum);
  const lines = [signed, ...allocations.lines, MIDDLE, ...released.lines, END, ''];
  const content = Buffer.from(lines.join('\n'));
  return { content, allocations, released, seal: `${checksum}-${content.length}` };
}

/** `undefined` if the file was damaged or edited. */
export function readPage(bytes: Buffer): ReadPage | undefined {
  const checks = verify(bytes);
  if (checks === undefined) return undefined;
  const text = bytes.toString();
  const document: unknown = JSON.parse(text);
  const { checksum, bootId, ...sections } = isFields(document) ? document : {};
  const allocations = entriesOf(sections.allocations);
  const released = entriesOf(sections.released);
  const lines = text.split('\n');
  const middle = 1 + checks.allocations.length;
  const page = {
    allocations: {
      entries: [...allocations.values()],
      lines: lines.slice(1, middle),
      checks: checks.allocations,
    },
    released: {
      entries: [...released.values()],
      lines: lines.slice(middle + 1, -2),
      checks: checks.released,
    },
    seal: `${String(checksum)}-${bytes.length}`,
  };
  return { page, state: { bootId: String(bootId), allocations, released } };
}

interface Checks {
  readonly allocations: readonly number[];
  readonly released: readonly number[];
}

/** The checks of the lines, if they match the head's checksum. */
function verify(bytes: Buffer): Checks | undefined {
  const first = bytes.indexOf('\n') + 1;
  const middle = bytes.indexOf(`\n${MIDDLE}\n`, first - 1) + 1;
  const second = middle + MIDDLE.length + 1;
  const end = bytes.length - END.length - 1;
  if (first === 0 || middle === 0 || end < second || bytes.toString('latin1', end) !== `${END}\n`)
    return undefined;
  const head = bytes.toString('utf8', 0, first - 1);
  const allocations = checkLines(bytes.subarray(first, middle), SEED.allocations);
  const released = checkLines(bytes.subarray(second, end), SEED.released);
  const unsigned = `${BEGIN}${UNSIGNED}${head.slice(BEGIN.length + UNSIGNED.length)}`;
  const checksum = checksumOf([checkLine(unsigned, SEED.head), ...allocations, ...released]);
  return head.startsWith(`${BEGIN}${checksum}`) ? { allocations, released } : undefined;
}

/** Not validated: the checksum matched, so flatnet wrote these entries. */
function entriesOf(source: unknown): ReadonlyMap<string, Allocation & Released> {
  const entries = new Map<string, Allocation & Released>();
  const records = isFields(source) ? source : {};
  for (const key in records) {
    const value = records[key];
    if (isEntry(value)) entries.set(key, Object.assign(value, partsOf(key)));
  }
  return entries;
}

function isEntry(value: unknown): value is Allocation & Released {
  return isFields(value);
}
