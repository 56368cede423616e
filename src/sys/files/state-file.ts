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
  /** Command that repairs the path; `undefined` if none does. */
  readonly remedy: string | undefined;

  constructor(path: string, problem: string, remedy?: string) {
    super(`"${path}" ${problem}`);
    this.name = 'UnsafePath';
    this.path = path;
    this.remedy = remedy;
  }
}

/**
 * Creates the directory, readable only by its owner, or checks the existing one.
 * @throws UnsafePath if it is a link, not a directory, another user's, or writable by others.
 */
export function ensurePrivateDirectory(path: string): void {
  if (!checkPrivateDirectory(path)) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    checkPrivateDirectory(path);
  }
}

/**
 * False if the directory does not exist.
 * @throws UnsafePath if it is a link, not a directory, another user's, or writable by others.
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

/** `identity` tells this content from any later one without reading the whole file. */
export interface StateFileContent {
  readonly content: Buffer;
  readonly identity: string;
}

/**
 * `undefined` if the file does not exist; without `content` if its identity is `known`. Never blocks on a fifo, never
 * follows a link.
 * @throws UnsafePath for anything but a regular file; the file system's error if it cannot be read.
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
 * Inode, size and times, which a kernel's coarse clock and the reuse of inodes could leave equal, and the first bytes,
 * where flatnet's files have a checksum.
 */
export function identityOf(stat: Stats, content: Buffer): string {
  const head = content.toString('latin1', 0, HEAD_LENGTH);
  return `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${head}`;
}

/**
 * Keeps a copy as `<path>.corrupt-<stamp>`. The path itself stays until it is replaced, so that a state file always
 * exists.
 * @returns the path of the copy.
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

/** Whether the error is a system error with one of the codes. */
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
