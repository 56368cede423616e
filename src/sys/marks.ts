import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** Notes that are true until the next boot: the directory is in memory. */
const DIRECTORY = '/run/flatnet';

/** Reads a note; `undefined` where there is none. */
export function readMark(name: string): string | undefined {
  try {
    return readFileSync(`${DIRECTORY}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** Leaves a note. Without one the work it stands for is only done again. */
export function writeMark(name: string, text: string): void {
  writeFileSync(markPath(name), text, { mode: 0o600 });
}

/** Names of all notes that begin so. */
export function listMarks(prefix: string): readonly string[] {
  try {
    return readdirSync(DIRECTORY).filter((name) => name.startsWith(prefix));
  } catch {
    // Nothing was noted since the last boot.
    return [];
  }
}

/** Where a lock of that name may lie; its directory is made. */
export function markPath(name: string): string {
  mkdirSync(DIRECTORY, { recursive: true, mode: 0o700 });
  return `${DIRECTORY}/${name}`;
}

/** Takes a note away. */
export function forgetMark(name: string): void {
  rmSync(`${DIRECTORY}/${name}`, { force: true });
}
