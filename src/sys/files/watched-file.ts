import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/*
 * Files in a directory of which another program reads every file: a temporary file must not stand in it, even for a moment
 * or after a crash. All may read them, as that program may run as another user.
 */

const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;

/** `undefined` if it cannot be read. */
export function readWatched(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Replaces a file as one step.
 * @param staging a directory of the same file system for the temporary file; like the file's own, it is made if missing.
 */
export function replaceWatched(path: string, text: string, staging: string): void {
  for (const directory of [staging, dirname(path)]) {
    mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE });
  }
  const temporary = `${staging}/${process.pid}-${basename(path)}`;
  writeFileSync(temporary, text, { mode: FILE_MODE });
  renameSync(temporary, path);
}

/** A file or a directory with all that is in it; absent is success. */
export function removeWatched(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
