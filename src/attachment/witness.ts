import { isFields } from '../input/parse.ts';
import { type Note, parseNote, type Witness } from '../ipam/state/witness.ts';
import { forgetMark, openMark } from '../sys/files/marks.ts';

/** The note of one data directory in /run/flatnet. */
export interface HostWitness extends Witness {
  /** Links that belong to another directory or plugin, as found by comparison with the directory's file. */
  readonly elsewhere: Set<string>;
}

const PREFIX = 'state-';

function parse(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isFields(value) ? value : undefined;
  } catch {
    // Absent, or truncated by a full /run.
    return undefined;
  }
}

/**
 * A stale note would vouch for an outdated file; without a note the file is compared with the links. If the note cannot
 * be removed either, it describes a file about to be replaced, and vouches for no later one.
 */
function forget(name: string): void {
  try {
    forgetMark(name);
  } catch {
    return;
  }
}

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
