/**
 * What was noted of the state file where a note dies with the boot: the seals of the content that was written last,
 * and of the one that was about to be. A copy put back, or a file from elsewhere, has another one.
 */
export interface Note {
  readonly last?: string;
  /** Written next, unless the process was killed between the note and the file. */
  readonly next?: string;
}

/** Keeps the note of one data directory. It must forget at a reboot at the latest, and may forget any time. */
export interface Witness {
  /** The note; `undefined` where there is none, or none that can be read. */
  readonly read: () => Note | undefined;
  /** Replaces the note. One that cannot be kept must be taken away, and is no error. */
  readonly write: (note: Note) => void;
}

/**
 * What a note says of a file: it is what flatnet wrote last; it is something else, an older copy perhaps; or nothing is
 * known, as before the first write of a boot.
 */
export type Verdict = 'last' | 'other' | 'unknown';

/** Judges the content of a seal. */
export function judge(note: Note | undefined, seal: string): Verdict {
  if (note?.last === undefined && note?.next === undefined) return 'unknown';
  return note.last === seal || note.next === seal ? 'last' : 'other';
}

/** Reads a note back, from whatever a file may hold. */
export function parseNote(value: { readonly [key: string]: unknown }): Note {
  const { last, next } = value;
  return {
    ...(typeof last === 'string' ? { last } : {}),
    ...(typeof next === 'string' ? { next } : {}),
  };
}

/** A content that is to be noted before it is written and after. */
export interface Noted {
  readonly seal: string;
  /** The seal of what is there now, where it is believed. */
  readonly present: string | undefined;
  readonly witness: Witness | undefined;
}

/**
 * Commits a content between two notes: whoever is killed on the way leaves a note that knows the file of before and the
 * one of after. A commit that fails leaves the note as it was: another process may have written since.
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
