import { readStateFile } from '../sys/state-file.ts';
import { decode, type Decoded } from './codec.ts';
import { assess, joinLinks, type Found } from './found.ts';
import type { State } from './state.ts';
import type { Allocation, Holders } from './types.ts';

export interface ReaderOptions {
  readonly dataDir: string;
  readonly bootId: () => string;
  readonly now: () => string;
  readonly holders: () => Holders;
  readonly recover: (() => Promise<readonly Allocation[]>) | undefined;
}

/** Reads the state file and knows when it cannot be relied on. */
export interface Reader {
  readonly path: string;
  readonly load: () => Found;
  /** Joins the state with what the host still has. */
  readonly recover: (found: Found) => Promise<Found>;
  /** Tells the reader what was just written, so that it need not read that again. */
  readonly remember: (identity: string, state: State) => void;
}

export function openReader(options: ReaderOptions): Reader {
  const path = `${options.dataDir}/allocations.json`;
  let last: { readonly identity: string; readonly decoded: Decoded } | undefined;
  const read = (): Decoded | undefined => {
    const file = readStateFile(path, last?.identity);
    if (file?.identity !== undefined && file.content !== undefined) {
      last = { identity: file.identity, decoded: decode(file.content) };
    }
    return file === undefined ? undefined : last?.decoded;
  };
  return {
    path,
    load: () => assess(read(), { bootId: options.bootId(), now: options.now(), holders: options.holders() }),
    recover: async (found) => joinLinks(found, (await options.recover?.()) ?? []),
    remember: (identity, state) => {
      last = { identity, decoded: { intact: true, state } };
    },
  };
}
