import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  type Stats,
} from 'node:fs';

/** A file or directory of the wrong kind or owner: following it could read or write another user's file. */
export class UnsafePath extends Error {
  readonly path: string;
  /** The command that makes it what it must be, where one does. */
  readonly remedy: string | undefined;

  constructor(path: string, problem: string, remedy?: string) {
    super(`"${path}" ${problem}`);
    this.name = 'UnsafePath';
    this.path = path;
    this.remedy = remedy;
  }
}

/**
 * Makes the directory, readable by its owner alone, or checks the one that is there.
 *
 * @throws UnsafePath when it is a link, no directory, another user's, or writable by others.
 */
export function ensurePrivateDirectory(path: string): void {
  if (!checkPrivateDirectory(path)) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    checkPrivateDirectory(path);
  }
}

/**
 * Whether the directory is there.
 *
 * @throws UnsafePath when it is a link, no directory, another user's, or writable by others.
 */
export function checkPrivateDirectory(path: string): boolean {
  const found = lstatIfAny(path);
  if (found === undefined) {
    return false;
  }
  if (!found.isDirectory()) {
    throw new UnsafePath(path, found.isSymbolicLink() ? 'is a symbolic link' : 'is not a directory');
  }
  const [uid, gid] = [process.geteuid?.(), process.getegid?.()];
  if (found.uid !== uid) {
    throw new UnsafePath(path, `belongs to user ${found.uid}`, `sudo chown ${uid}:${gid} ${path}`);
  }
  if ((found.mode & 0o022) !== 0) {
    const mode = (found.mode & 0o777).toString(8);
    throw new UnsafePath(path, `can be written by other users (mode ${mode})`, `sudo chmod 700 ${path}`);
  }
  return true;
}

/** Whether anything is at the path, a dangling link included. */
export function isThere(path: string): boolean {
  return lstatIfAny(path) !== undefined;
}

/** A file's content, and what tells it from any later content of the file without reading all of it. */
export interface StateFileContent {
  readonly content: Buffer;
  readonly identity: string;
}

/**
 * The content of a regular file, or undefined when there is none; without `content` when its identity is the known
 * one. Never blocks on a fifo, never follows a link.
 *
 * @throws UnsafePath for anything but a regular file; the file system's error when it cannot be read.
 */
export function readStateFile(path: string, known?: string): Partial<StateFileContent> | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) {
      return undefined;
    }
    throw hasCode(error, 'ELOOP') ? new UnsafePath(path, 'is a symbolic link') : error;
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) {
      throw new UnsafePath(path, 'is not a regular file');
    }
    return readUnlessKnown(fd, stat, known);
  } finally {
    closeSync(fd);
  }
}

function readUnlessKnown(fd: number, stat: Stats, known: string | undefined): Partial<StateFileContent> {
  const head = Buffer.alloc(HEAD_LENGTH);
  const identity = identityOf(stat, head.subarray(0, readSync(fd, head, 0, HEAD_LENGTH, 0)));
  return identity === known ? { identity } : { identity, content: readFileSync(fd) };
}

const HEAD_LENGTH = 64;

/**
 * Tells one content of a file from another: inode, size and times, which a kernel's coarse clock and the reuse of
 * inodes could leave equal, and the first bytes, in which flatnet's files carry a checksum.
 */
export function identityOf(stat: Stats, content: Buffer): string {
  const head = content.toString('latin1', 0, HEAD_LENGTH);
  return `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${head}`;
}

/**
 * Keeps the file's present content under a name of its own, `<path>.corrupt-<stamp>`; the path itself stays as it is
 * until it is replaced, so that no moment is without a state file.
 *
 * @returns the name of the copy.
 */
export function setAside(path: string, stamp: string): string {
  for (let attempt = 0; ; attempt += 1) {
    const copy = `${path}.corrupt-${stamp}${attempt === 0 ? '' : `-${attempt}`}`;
    try {
      linkOrCopy(path, copy);
      return copy;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) {
        throw error;
      }
    }
  }
}

/** Whether the thrown thing is a system error with that code. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

function linkOrCopy(path: string, copy: string): void {
  try {
    linkSync(path, copy);
  } catch (error) {
    if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK')) {
      throw error;
    }
    copyFileSync(path, copy, constants.COPYFILE_EXCL);
  }
}

function lstatIfAny(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
