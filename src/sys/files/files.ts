import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  writeSync,
  readFileSync,
  realpathSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UnsafePath } from './state-file.ts';

const APPEND =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Appends a line to a file only root may read, creating its directory. Others may be able to write to the parent
 * (/var/log of group syslog): symbolic links are not followed, and only a regular file of ours without a second name is
 * written to.
 * @throws UnsafePath for anything else at that path; the system's error if it cannot be written.
 */
export function appendLine(directory: string, name: string, line: string): void {
  ensureOwnDirectory(directory);
  const path = `${directory}/${name}`;
  const fd = openSync(path, APPEND, 0o640);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.uid !== process.geteuid?.() || stat.nlink !== 1) {
      throw new UnsafePath(path, 'is not a regular file with a single link');
    }
    writeSync(fd, `${line}\n`);
  } finally {
    closeSync(fd);
  }
}

function ensureOwnDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o750 });
  const stat = lstatSync(directory);
  if (!stat.isDirectory() || stat.uid !== process.geteuid?.() || (stat.mode & 0o002) !== 0) {
    throw new UnsafePath(directory, 'is not a directory that only its owner can write');
  }
}

/** Creates the directory if missing. */
export function isWritableDirectory(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Resolves links and dots; the part that does not exist yet stays as written. */
export function realPathOf(path: string): string {
  const whole = resolve(path);
  try {
    return realpathSync.native(whole);
  } catch {
    const above = dirname(whole);
    return above === whole ? whole : join(realPathOf(above), basename(whole));
  }
}

/** `undefined` if the file cannot be read. */
export function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
