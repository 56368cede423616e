import { isRecord } from '../config/field.ts';
import { readAllocation, readReleased } from './entry.ts';
import { Ledger, partsOf, type Keyed } from './ledger.ts';
import { readPage, writePage, type Page } from './page.ts';
import { salvage } from './salvage.ts';
import type { Released, State } from '../state.ts';
import type { Allocation } from '../types.ts';

/** What a state file holds: our own last write, or something that has to be repaired. */
export interface Decoded {
  /** False when anyone but flatnet touched the file, on purpose or not. */
  readonly intact: boolean;
  /** What can be read of it. */
  readonly state: State;
  /** What the next write need not make anew; a damaged file has none. */
  readonly page?: Page;
}

/** The file that says the state. */
export function encode(state: State): Buffer {
  return writePage(state).bytes;
}

/** Reads a state file of any content. */
export function decode(bytes: Buffer): Decoded {
  const found = readPage(bytes);
  if (found !== undefined) {
    return { intact: true, ...found };
  }
  const source = salvage(bytes.toString());
  return {
    intact: false,
    state: {
      bootId: typeof source.bootId === 'string' ? source.bootId : '',
      allocations: entriesOf<Allocation>(source.allocations, readAllocation),
      released: entriesOf<Released>(source.released, readReleased),
    },
  };
}

function entriesOf<T extends Keyed>(source: unknown, read: (value: unknown) => T | undefined): Ledger<T> {
  const found = Object.entries(isRecord(source) ? source : {}).map(([key, value]) =>
    isRecord(value) ? read({ ...value, ...partsOf(key) }) : undefined,
  );
  return new Ledger(found.filter((entry) => entry !== undefined));
}
