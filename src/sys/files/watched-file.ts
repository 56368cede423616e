import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { hasCode } from './state-file.ts';

/*
 * Files in a directory of which another program reads every file: a temporary file must not stand in it, even for a moment
 * or after a crash. All may read them, as that program may run as another user.
 */

const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;

/** Makes a directory below the root, and all between them, so that everybody may read it whatever the caller's umask is. */
function makeReadable(directory: string, root: string): void {
  if (directory !== root) makeReadable(dirname(directory), root);
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, DIRECTORY_MODE);
}

/**
 * Replaces a file as one step.
 * @param root a directory above the file, in which `staging` takes the temporary file.
 */
export function replaceWatched(path: string, text: string, root: string): void {
  const staging = `${root}/staging`;
  const replace = () => {
    const temporary = `${staging}/${process.pid}-${basename(path)}`;
    writeFileSync(temporary, text);
    chmodSync(temporary, FILE_MODE);
    renameSync(temporary, path);
  };
  try {
    replace();
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    for (const directory of [staging, dirname(path)]) makeReadable(directory, root);
    replace();
  }
}

/** A file or a directory with all that is in it; absent is success. */
export function removeWatched(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
