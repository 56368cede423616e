import { isFields } from '../../input/parse.ts';
import { partsOf } from '../key.ts';
import { readAllocation, readReleased } from './entry.ts';
import { readPage, type Page } from './page.ts';
import { salvage } from './salvage.ts';
import type { Released, State } from '../state.ts';
import type { Allocation } from '../types.ts';

export interface Decoded {
  readonly state: State;
  /** `undefined` if the file was damaged or edited. */
  readonly page: Page | undefined;
}

/** Reads a state file of any content. */
export function decode(bytes: Buffer): Decoded {
  const read = readPage(bytes);
  if (read !== undefined) return read;
  const { bootId, allocations, released } = salvage(bytes.toString());
  const state = {
    bootId: typeof bootId === 'string' ? bootId : '',
    allocations: entriesOf<Allocation>(allocations, readAllocation),
    released: entriesOf<Released>(released, readReleased),
  };
  return { state, page: undefined };
}

function entriesOf<T>(source: unknown, read: (value: unknown) => T | undefined): ReadonlyMap<string, T> {
  const entries = new Map<string, T>();
  for (const [key, value] of Object.entries(isFields(source) ? source : {})) {
    const entry = isFields(value) ? read({ ...value, ...partsOf(key) }) : undefined;
    if (entry !== undefined) entries.set(key, entry);
  }
  return entries;
}
