import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';

/** About the target of the path; `mode` has the permission bits. */
export interface PathInfo {
  readonly kind: 'file' | 'directory' | 'other';
  readonly isLink: boolean;
  readonly mode: number;
  readonly size: number;
  readonly mtimeMs: number;
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function ifPresent<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** `undefined` if the file does not exist. */
export function readText(path: string, encoding: 'utf8' | 'latin1' = 'utf8'): string | undefined {
  try {
    return ifPresent(() => readFileSync(path, encoding));
  } catch (error) {
    // If the path is a directory, which can be opened but not read, Node's error lacks the path.
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  }
}

/** Sorted; empty if the directory does not exist. */
export function listNames(directory: string): readonly string[] {
  return (ifPresent(() => readdirSync(directory)) ?? []).sort();
}

function kindOf(stats: Stats): PathInfo['kind'] {
  if (stats.isFile()) return 'file';
  return stats.isDirectory() ? 'directory' : 'other';
}

/** Follows links; `undefined` if absent, and for a dangling link. */
export function pathInfo(path: string): PathInfo | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const { size, mtimeMs } = stats;
  const isLink = lstatSync(path).isSymbolicLink();
  return { kind: kindOf(stats), isLink, mode: stats.mode & 0o7777, size, mtimeMs };
}

/** Creates directories one by one: on a read-only file system Node's `recursive` reports ENOENT. */
function makeDirectories(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  makeDirectories(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process was faster.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

/**
 * Writes a temporary file in the same directory and renames it. Readers see the old or the new content, never a part,
 * and containerd's watcher overlooks files renamed from another directory.
 */
function putInPlace(path: string, make: (temporary: string) => void): void {
  makeDirectories(dirname(path));
  const temporary = `${dirname(path)}/.${process.pid}-${Date.now()}.flatnet-tmp`;
  try {
    make(temporary);
    const fd = openSync(temporary, 'r');
    fsyncSync(fd);
    closeSync(fd);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Replaces the file atomically; it has the mode whatever the umask is. */
export function replaceText(path: string, text: string | Uint8Array, mode: number): void {
  putInPlace(path, (temporary) => {
    writeFileSync(temporary, text, { mode, flag: 'wx' });
    chmodSync(temporary, mode);
  });
}

/** Replaces the file atomically; an executable running from the old file keeps running. */
export function replaceCopy(from: string, to: string, mode: number): void {
  putInPlace(to, (temporary) => {
    copyFileSync(from, temporary, constants.COPYFILE_EXCL);
    chmodSync(temporary, mode);
  });
}

/** Puts a hard link to a file in place; a copy where the file system is another one, or takes no links. */
export function replaceLink(from: string, to: string, mode: number): void {
  putInPlace(to, (temporary) => {
    try {
      linkSync(from, temporary);
    } catch {
      copyFileSync(from, temporary, constants.COPYFILE_EXCL);
      chmodSync(temporary, mode);
    }
  });
}

/** Whether two paths lead to one file. */
export function isSameFile(one: string, other: string): boolean {
  const first = statSync(one, { throwIfNoEntry: false });
  const second = statSync(other, { throwIfNoEntry: false });
  return first !== undefined && first.dev === second?.dev && first.ino === second.ino;
}

/** Makes a directory of that prefix among the temporary files, which only its owner can enter. */
export function makePrivateDirectory(prefix: string): string {
  return mkdtempSync(`${tmpdir()}/${prefix}`);
}

export function removeTree(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

export function makeExecutable(path: string): void {
  chmodSync(path, 0o755);
}

export function hasSameBytes(one: string, other: string): boolean {
  const first = pathInfo(one);
  const second = pathInfo(other);
  if (first?.kind !== 'file' || second?.kind !== 'file' || first.size !== second.size) return false;
  return readFileSync(one).equals(readFileSync(other));
}

/** Creates a symbolic link unless the path exists. */
export function linkTo(target: string, path: string): void {
  makeDirectories(dirname(path));
  if (!isPresent(path)) symlinkSync(target, path);
}

/** As written in the link; `undefined` if the path is not a symbolic link. */
export function linkTarget(path: string): string | undefined {
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink ? readlinkSync(path) : undefined;
}

/** Counts a dangling link as present. */
export function isPresent(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** False if `from` does not exist. */
export function moveFile(from: string, to: string): boolean {
  return (
    ifPresent(() => {
      renameSync(from, to);
      return true;
    }) ?? false
  );
}

/** False if the path does not exist. */
export function removeFile(path: string): boolean {
  if (!isPresent(path)) return false;
  rmSync(path);
  return true;
}
