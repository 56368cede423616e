import { readStateFile } from '../../sys/files/state-file.ts';
import { decode, type Decoded } from './decode.ts';
import { assess, joinLinks, knownLinks, type Found } from './found.ts';
import { writePage } from './page.ts';
import type { State } from '../state.ts';
import type { Holders, Proof } from '../types.ts';
import { commitNoted, judge, type Verdict, type Witness } from './witness.ts';

export interface ReaderOptions {
  readonly dataDir: string;
  readonly bootId: () => string;
  readonly now: () => string;
  readonly holders: () => Holders;
  readonly recover: ((known: ReadonlySet<string>) => Promise<readonly Proof[]>) | undefined;
  readonly witness: Witness | undefined;
}

export interface Reader {
  readonly path: string;
  readonly load: () => Found;
  readonly recover: (found: Found) => Promise<Found>;
  readonly draft: (state: State) => Buffer;
  /** Writes the state: `commit` takes the content and returns its identity, which saves the next `load` a read. */
  readonly save: (state: State, commit: (content: Buffer) => string) => void;
}

/** File and note are read in turn, without a lock: a writer may come between. */
const READ_ATTEMPTS = 5;

interface JudgedFile {
  readonly decoded: Decoded | undefined;
  readonly verdict: Verdict;
}

/** Reads the file, and compares it with the note unless it is the content known to be `complete`. */
function readJudged(
  read: () => Decoded | undefined,
  witness: Witness | undefined,
  complete: Decoded | undefined,
): JudgedFile {
  for (let attempt = 1; ; attempt += 1) {
    const note = witness?.read();
    const decoded = read();
    if (witness === undefined || decoded === undefined || decoded === complete)
      return { decoded, verdict: 'last' };
    const verdict = decoded.page === undefined ? 'unknown' : judge(note, decoded.page.seal);
    if (verdict === 'last' || attempt === READ_ATTEMPTS) return { decoded, verdict };
  }
}

export function openReader(options: ReaderOptions): Reader {
  const path = `${options.dataDir}/allocations.json`;
  let last: { readonly identity: string; readonly decoded: Decoded } | undefined;
  // The last content known to cover every link of the host. Any later link was entered, which changed the file.
  let complete: Decoded | undefined;
  // The next note names this seal too: the process may be killed before the file is replaced.
  let accepted: string | undefined;
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
      const { decoded, verdict } = readJudged(read, options.witness, complete);
      const host = { bootId: options.bootId(), now: options.now(), holders: options.holders() };
      const found = assess(decoded, { ...host, verdict, isComplete: decoded === complete });
      complete = found.isReliable ? decoded : undefined;
      accepted = found.isTrusted ? decoded?.page?.seal : undefined;
      return found;
    },
    recover: async (found) => joinLinks(found, (await options.recover?.(knownLinks(found.state))) ?? []),
    draft: (state) => writePage(state, last?.decoded.page).content,
    save: (state, commit) => {
      const { content, ...page } = writePage(state, last?.decoded.page);
      const noted = { seal: page.seal, present: accepted, witness: options.witness };
      const decoded = { state, page };
      last = { identity: commitNoted(noted, () => commit(content)), decoded };
      complete = decoded;
    },
  };
}
