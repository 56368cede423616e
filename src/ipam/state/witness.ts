/**
 * Seals of the content that was written last and of the content that was about to be written, kept where they are lost at
 * a reboot. An older copy of the file, or a file from elsewhere, has another seal.
 */
export interface Note {
  readonly last?: string;
  /** Written next, unless the process was killed between the note and the file. */
  readonly next?: string;
}

/** Keeps the note of one data directory: no longer than until the next reboot. */
export interface Witness {
  /** `undefined` when there is no note, or it cannot be read. */
  readonly read: () => Note | undefined;
  /** Replaces the note. When that fails the old note must be removed; neither is an error. */
  readonly write: (note: Note) => void;
}

/**
 * What a note says about a file: `last`, flatnet wrote it last; `other`, it is something else, such as an older copy;
 * `unknown`, there is no note, as before the first write after a boot.
 */
export type Verdict = 'last' | 'other' | 'unknown';

/** Compares a content's seal with the note. */
export function judge(note: Note | undefined, seal: string): Verdict {
  if (note?.last === undefined && note?.next === undefined) return 'unknown';
  return note.last === seal || note.next === seal ? 'last' : 'other';
}

/** Reads a note from parsed JSON. */
export function parseNote(value: { readonly [key: string]: unknown }): Note {
  const { last, next } = value;
  return {
    ...(typeof last === 'string' ? { last } : {}),
    ...(typeof next === 'string' ? { next } : {}),
  };
}

/** The seal to note before and after a commit. */
export interface Noted {
  readonly seal: string;
  /** The seal of the present file, if the file is trusted. */
  readonly present: string | undefined;
  readonly witness: Witness | undefined;
}

/**
 * Commits between two notes: a process that is killed on the way leaves a note that matches both the old file and the new
 * one. A commit that fails leaves the note as it was, for another process may have written since.
 */
export function commitNoted<T>({ seal, present, witness }: Noted, commit: () => T): T {
  if (witness === undefined) return commit();
  const before = witness.read();
  witness.write({ ...(present === undefined ? {} : { last: present }), next: seal });
  let outcome: T;
  try {
    outcome = commit();
  } catch (error) {
    if (before !== undefined) witness.write(before);
    throw error;
  }
  witness.write({ last: seal });
  return outcome;
}
