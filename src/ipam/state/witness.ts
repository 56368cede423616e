/**
 * Seals of the last written content and of the one about to be written, stored where a reboot clears them. An older
 * copy of the file, or a file from elsewhere, has another seal.
 */
export interface Note {
  readonly last?: string;
  /** Content written next, unless the process was killed between note and file. */
  readonly next?: string;
}

/** Stores the note of one data directory, until the next reboot at most. */
export interface Witness {
  /** `undefined` if the note is missing or unreadable. */
  readonly read: () => Note | undefined;
  /** Replaces the note. If that fails, the old note must be removed; neither is an error. */
  readonly write: (note: Note) => void;
}

/**
 * `last`: flatnet wrote the file last. `other`: it did not, as with an older copy. `unknown`: there is no note, as
 * before the first write after a boot.
 */
export type Verdict = 'last' | 'other' | 'unknown';

export function judge(note: Note | undefined, seal: string): Verdict {
  if (note?.last === undefined && note?.next === undefined) return 'unknown';
  return note.last === seal || note.next === seal ? 'last' : 'other';
}

export function parseNote(value: { readonly [key: string]: unknown }): Note {
  const { last, next } = value;
  return {
    ...(typeof last === 'string' ? { last } : {}),
    ...(typeof next === 'string' ? { next } : {}),
  };
}

export interface Noted {
  readonly seal: string;
  readonly present: string | undefined;
  readonly witness: Witness | undefined;
}

/**
 * Commits between two notes: a process killed in between leaves a note that matches the old file and the new one. A
 * failed commit restores the note, since another process may have written meanwhile.
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
