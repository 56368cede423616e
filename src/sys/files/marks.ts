import {
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hasCode } from './state-file.ts';

/** Notes that are valid until the next boot: the directory is in memory. */
const DIRECTORY = '/run/flatnet';

/** `undefined` if the note does not exist. */
export function readMark(name: string): string | undefined {
  try {
    return readFileSync(`${DIRECTORY}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** Notes only save work: without one, the work is done again. */
export function writeMark(name: string, text: string): void {
  writeFileSync(markPath(name), text, { mode: 0o600 });
}

/** A note that one process reads and replaces several times; it stays open until the process ends. */
export interface OpenMark {
  /** The text, perhaps followed by blanks; `undefined` if it cannot be read. */
  readonly read: () => string | undefined;
  /** Replaces the text in one system call, so that no reader sees part of it. */
  readonly write: (text: string) => void;
}

/** Creates nothing before the first write. Opening, closing and truncating would take longer than everything else. */
export function openMark(name: string): OpenMark {
  let fd: number | undefined;
  const length = (open: number): number => fstatSync(open).size;
  return {
    read: () => {
      try {
        fd ??= openSync(`${DIRECTORY}/${name}`, constants.O_RDWR | constants.O_NOFOLLOW);
        const bytes = Buffer.alloc(length(fd));
        return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
      } catch {
        return undefined;
      }
    },
    write: (text) => {
      fd ??= openNew(name);
      const bytes = Buffer.from(text);
      const blanks = Buffer.alloc(Math.max(length(fd) - bytes.length, 0), ' ');
      writeSync(fd, Buffer.concat([bytes, blanks]), 0, undefined, 0);
    },
  };
}

function openNew(name: string): number {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
  try {
    return openSync(`${DIRECTORY}/${name}`, flags, 0o600);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    return openSync(markPath(name), flags, 0o600);
  }
}

/** As `writeMark`, but a full /run is no failure. */
export function tryWriteMark(name: string, text: string): void {
  try {
    writeMark(name, text);
  } catch {
    // The next call does the work again.
  }
}

/** Names of all notes with that prefix. */
export function listMarks(prefix: string): readonly string[] {
  try {
    return readdirSync(DIRECTORY).filter((name) => name.startsWith(prefix));
  } catch {
    // Nothing was noted since the last boot.
    return [];
  }
}

/** Path for a lock of that name; creates its directory. */
export function markPath(name: string): string {
  mkdirSync(DIRECTORY, { recursive: true, mode: 0o700 });
  return `${DIRECTORY}/${name}`;
}

/** Absent is success. */
export function forgetMark(name: string): void {
  rmSync(`${DIRECTORY}/${name}`, { force: true });
}
