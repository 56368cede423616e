import { scanLines, wholeWords, type Scan } from './checksum.ts';
import { isRecord } from '../config/field.ts';
import { Ledger, partsOf } from './ledger.ts';
import { replaceEntries, type Draft, type Section } from './section.ts';
import type { Released, State } from '../state.ts';
import type { Allocation } from '../types.ts';

/*
 * The state file: one JSON document, one entry a line so that people can read and compare it. Lines end in blanks
 * where they have to, to be whole words of four bytes. The checksum covers all of it, with itself as zeros.
 */

/** Version of the file format; a file of another version is treated as damaged, set aside and rebuilt. */
const VERSION = 1;
const UNSIGNED = '00000000';
const BEGIN = `{"version":${VERSION},"checksum":"`;
const MIDDLE = Buffer.from(wholeWords('},"released":{'));
const END = Buffer.from(wholeWords('}}'));
const SEED = { head: 1, allocations: 2, released: 3 };

/** The bytes of a state file that was read or written, and which of them are whose. */
export interface Page {
  readonly bytes: Buffer;
  readonly allocations: Section;
  readonly released: Section;
  /** The memory of this page, when it is the page's alone, and that of the page before: they take turns. */
  readonly memory?: ArrayBuffer | undefined;
  readonly spare?: ArrayBuffer | undefined;
}

const BLANK: Page = {
  bytes: Buffer.alloc(0),
  allocations: sectionOf(Buffer.alloc(0), SEED.allocations),
  released: sectionOf(Buffer.alloc(0), SEED.released),
};

/**
 * Writes a state as a page.
 *
 * @param last - a page of which much may be right still: only what differs is made anew. The memory of the page before
 *   it is used again.
 */
export function writePage(state: State, last: Page = BLANK): Page {
  const held = replaceEntries(last.allocations, state.allocations.list);
  const free = replaceEntries(last.released, state.released.list);
  const head = headOf(state.bootId);
  head.write(checkOf(head, held, free), BEGIN.length, 'latin1');
  const pieces = [head, ...held.pieces, MIDDLE, ...free.pieces, END];
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const memory = memoryFor(length, last.spare);
  const bytes = Buffer.from(memory, 0, length);
  let at = 0;
  for (const piece of pieces) {
    at += piece.copy(bytes, at);
  }
  const middle = head.length + lengthOf(held);
  return {
    bytes,
    allocations: settle(held, bytes.subarray(head.length, middle)),
    released: settle(free, bytes.subarray(middle + MIDDLE.length, length - END.length)),
    memory,
    spare: last.memory,
  };
}

/** A page that was read, and the state it says. */
export interface ReadPage {
  readonly page: Page;
  readonly state: State;
}

/** Tells a page from every other that was written to the same file: its checksum and its length. */
export function sealOf({ bytes }: Page): string {
  return `${bytes.toString('latin1', BEGIN.length, BEGIN.length + UNSIGNED.length)}-${bytes.length}`;
}

/** Reads a page that `writePage` wrote. @returns undefined when anyone else has changed it. */
export function readPage(bytes: Buffer): ReadPage | undefined {
  const first = bytes.indexOf('\n') + 1;
  const middle = bytes.indexOf(MIDDLE, first);
  const second = middle + MIDDLE.length;
  const end = bytes.length - END.length;
  if (middle < 0 || end < second || !bytes.subarray(end).equals(END)) {
    return undefined;
  }
  const held = sectionOf(bytes.subarray(first, middle), SEED.allocations);
  const free = sectionOf(bytes.subarray(second, end), SEED.released);
  if (!isSigned(bytes.subarray(0, first), held, free)) {
    return undefined;
  }
  const document: unknown = JSON.parse(bytes.toString());
  const { bootId, allocations, released } = isRecord(document) ? document : {};
  const state = {
    bootId: String(bootId),
    allocations: entriesOf(allocations),
    released: entriesOf(released),
  };
  const page = {
    bytes,
    allocations: { ...held, entries: state.allocations.list },
    released: { ...free, entries: state.released.list },
  };
  return { page, state };
}

function headOf(bootId: string): Buffer {
  return Buffer.from(wholeWords(`${BEGIN}${UNSIGNED}","bootId":${JSON.stringify(bootId)},"allocations":{`));
}

/** The checksum of a page whose head has zeros in its place. */
function checkOf(head: Buffer, held: Scan, free: Scan): string {
  const sum = scanLines(head, SEED.head).sum + held.sum + free.sum;
  return (sum >>> 0).toString(16).padStart(UNSIGNED.length, '0');
}

function isSigned(head: Buffer, held: Scan, free: Scan): boolean {
  const text = head.toString('latin1', 0, BEGIN.length + UNSIGNED.length);
  if (text.length < BEGIN.length + UNSIGNED.length || !text.startsWith(BEGIN)) {
    return false;
  }
  const unsigned = Buffer.from(head);
  unsigned.write(UNSIGNED, BEGIN.length, 'latin1');
  return text.slice(BEGIN.length) === checkOf(unsigned, held, free);
}

function sectionOf(bytes: Buffer, seed: number): Section {
  return { entries: [], bytes, seed, ...scanLines(bytes, seed) };
}

function settle({ entries, ends, sum, seed }: Draft, bytes: Buffer): Section {
  return { entries, ends, sum, seed, bytes };
}

function lengthOf({ ends }: Scan): number {
  return ends.at(-1) ?? 0;
}

/** Room for a page, and for some that grow. */
function memoryFor(length: number, spare: ArrayBuffer | undefined): ArrayBuffer {
  return spare !== undefined && spare.byteLength >= length ? spare : new ArrayBuffer(length + ROOM_TO_GROW);
}

const ROOM_TO_GROW = 16_384;

/** A page whose checksum is right was written from entries; nothing of it needs a closer look. */
function entriesOf(source: unknown): Ledger<Allocation & Released> {
  const records = isRecord(source) ? source : {};
  const entries: (Allocation & Released)[] = [];
  for (const key in records) {
    const value = records[key];
    if (isEntry(value)) {
      entries.push(Object.assign(value, partsOf(key)));
    }
  }
  return new Ledger(entries);
}

function isEntry(value: unknown): value is Allocation & Released {
  return isRecord(value);
}
