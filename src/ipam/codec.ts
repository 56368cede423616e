import { checksum } from './checksum.ts';
import { isRecord } from './config-field.ts';
import { readAllocation, readReleased } from './entry.ts';
import { lineOf, readLine } from './line.ts';
import { salvage } from './salvage.ts';
import { keyOf, type Released, type State } from './state.ts';
import type { Allocation } from './types.ts';

/** Version of the file format; a file of another version is treated as damaged, set aside and rebuilt. */
const VERSION = 1;
const UNSIGNED = '00000000';
const HEAD = `{"version":${VERSION},"checksum":"`;
const BOOT = `${HEAD}${UNSIGNED}","bootId":`;
const ALLOCATIONS = ',"allocations":{';
const RELEASED = '},"released":{';
const END = '}}';

/** What a state file holds: our own last write, or something that has to be repaired. */
export interface Decoded {
  /** False when anyone but flatnet touched the file, on purpose or not. */
  readonly intact: boolean;
  /** What can be read of it. */
  readonly state: State;
}

/**
 * The file: one JSON document, one entry a line so that people can read and compare it. The checksum covers the whole
 * file, with itself as zeros.
 */
export function encode(state: State): Buffer {
  const parts = [
    `${BOOT}${JSON.stringify(state.bootId)}${ALLOCATIONS}`,
    entryLines(state.allocations),
    RELEASED,
    entryLines(state.released),
    `${END}\n`,
  ];
  const buffer = Buffer.from(parts.filter((part) => part !== '').join('\n'));
  buffer.write(checksum(buffer), HEAD.length, 'latin1');
  return buffer;
}

const SIGNATURE_LENGTH = HEAD.length + UNSIGNED.length;

/** Reads a state file of any content. Takes the buffer over. */
export function decode(buffer: Buffer): Decoded {
  if (isSigned(buffer)) {
    return { intact: true, state: readSigned(buffer.toString()) };
  }
  const text = buffer.toString();
  const source = salvage(text);
  return {
    intact: false,
    state: {
      bootId: typeof source.bootId === 'string' ? source.bootId : '',
      allocations: entriesOf<Allocation>(source.allocations, readAllocation),
      released: entriesOf<Released>(source.released, readReleased),
    },
  };
}

function entryLines(entries: ReadonlyMap<string, Allocation | Released>): string {
  const lines: string[] = [];
  for (const [key, entry] of entries) {
    lines.push(lineOf(key, entry));
  }
  return lines.join(',\n');
}

/** Leaves the checksum of the buffer zeroed. */
function isSigned(buffer: Buffer): boolean {
  if (buffer.length < SIGNATURE_LENGTH || buffer.toString('latin1', 0, HEAD.length) !== HEAD) {
    return false;
  }
  const found = buffer.toString('latin1', HEAD.length, SIGNATURE_LENGTH);
  buffer.write(UNSIGNED, HEAD.length, 'latin1');
  const signed = found === checksum(buffer);
  buffer.write(found, HEAD.length, 'latin1');
  return signed;
}

/** Reads what `encode` wrote, and remembers the lines for the next write. */
function readSigned(text: string): State {
  const lines = text.split('\n');
  const middle = lines.indexOf(RELEASED);
  const bootId: unknown = JSON.parse((lines[0] ?? '').slice(BOOT.length, -ALLOCATIONS.length));
  return {
    bootId: String(bootId),
    allocations: readLines<Allocation>(lines.slice(1, middle), isEntry),
    released: readLines<Released>(lines.slice(middle + 1, -2), isEntry),
  };
}

function readLines<T extends Allocation | Released>(
  lines: readonly string[],
  isOne: (value: unknown) => value is T,
): ReadonlyMap<string, T> {
  const entries = new Map<string, T>();
  for (const line of lines) {
    const entry = readLine(line, isOne);
    if (entry !== undefined) {
      entries.set(keyOf(entry.network, entry.address), entry);
    }
  }
  return entries;
}

/** Enough for a line whose checksum is right: `encode` wrote it from an entry. */
function isEntry(value: unknown): value is Allocation & Released {
  return isRecord(value);
}

function entriesOf<T extends Allocation | Released>(
  source: unknown,
  read: (value: unknown) => T | undefined,
): ReadonlyMap<string, T> {
  const entries = new Map<string, T>();
  for (const [key, value] of Object.entries(isRecord(source) ? source : {})) {
    const entry = read(value);
    if (entry !== undefined && key === keyOf(entry.network, entry.address)) {
      entries.set(key, entry);
    }
  }
  return entries;
}
