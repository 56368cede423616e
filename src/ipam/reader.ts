import { readStateFile } from '../sys/state-file.ts';
import { decode, type Decoded } from './codec.ts';
import { assess, joinLinks, type Found } from './found.ts';
import { writePage } from './page.ts';
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
  /** Writes the state by a `commit` that takes the content and returns its identity; the next `load` need not read it. */
  readonly save: (state: State, commit: (content: Buffer) => string) => void;
}

export function openReader(options: ReaderOptions): Reader {
  const path = `${options.dataDir}/allocations.json`;
  let last: { readonly identity: string; readonly decoded: Decoded } | undefined;
  // What was compared with the host's links and lacked none: a link made since then has been entered, so that the file
  // would be another one.
  let complete: Decoded | undefined;
  const read = (): Decoded | undefined => {
    const file = readStateFile(path, last?.identity);
    if (file?.identity !== undefined && file.content !== undefined) {
      last = { identity: file.identity, decoded: decode(file.content) };
    }
    return file === undefined ? undefined : last?.decoded;
  };
  return {
    path,
    load: () => {
      const decoded = read();
      const host = { bootId: options.bootId(), now: options.now(), holders: options.holders() };
      const found = assess(decoded, { ...host, isComplete: decoded === complete });
      complete = found.isReliable ? decoded : undefined;
      return found;
    },
    recover: async (found) => joinLinks(found, (await options.recover?.()) ?? []),
    save: (state, commit) => {
      const page = writePage(state, last?.decoded.page);
      const decoded = { intact: true, state, page };
      last = { identity: commit(page.bytes), decoded };
      complete = decoded;
    },
  };
}
