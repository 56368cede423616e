import { isFields } from '../input/parse.ts';
import { type Note, parseNote, type Witness } from '../ipam/state/witness.ts';
import { forgetMark, openMark } from '../sys/files/marks.ts';

/** The note of one data directory in /run/flatnet. */
export interface HostWitness extends Witness {
  /** Links that were compared with the directory's file and are another directory's, or another plugin's. */
  readonly elsewhere: Set<string>;
}

const PREFIX = 'state-';

function parse(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isFields(value) ? value : undefined;
  } catch {
    // None yet, or cut off by a full /run: as if there were none.
    return undefined;
  }
}

/**
 * An old note would call an old file the last one; without one the file is compared with the links. Where it cannot be
 * taken away either, it is of a file that is about to be replaced, and calls no later one the last.
 */
function forget(name: string): void {
  try {
    forgetMark(name);
  } catch {
    return;
  }
}

/** Opens the note of the data directory of that tag. */
export function openWitness(tag: string): HostWitness {
  const name = `${PREFIX}${tag}`;
  const mark = openMark(name);
  const elsewhere = new Set<string>();
  return {
    elsewhere,
    read: () => {
      const value = parse(mark.read());
      const names = value?.['elsewhere'];
      if (Array.isArray(names)) for (const one of names) if (typeof one === 'string') elsewhere.add(one);
      return value === undefined ? undefined : parseNote(value);
    },
    write: (note: Note) => {
      const more = elsewhere.size === 0 ? {} : { elsewhere: [...elsewhere] };
      try {
        mark.write(JSON.stringify({ ...note, ...more }));
      } catch {
        forget(name);
      }
    },
  };
}
