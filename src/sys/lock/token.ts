import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { isRunning, ownProcess, pidNamespace, type ProcessRef } from '../proc.ts';
import { hasCode, identityOf } from '../files/state-file.ts';

/** Another process took the lease over: nothing was written, the work must start again. */
export class LockLost extends Error {}

/** A holder's file in the lock directory, and the temporary file of its commit. See lock.ts. */
export interface Token {
  readonly directory: string;
  readonly name: string;
  readonly open: () => void;
  readonly isOpen: () => boolean;
  /** Removes the token unless it has become the state file. */
  readonly remove: () => void;
  readonly lose: () => void;
  readonly write: (content: Buffer) => void;
  /** Writes the content and renames it to the path; returns its identity (see state-file.ts), or '' if unknown. */
  readonly renameTo: (path: string, content: Buffer) => string;
}

interface Self extends ProcessRef {
  readonly namespace: string;
}

let ownSelf: Self | undefined;
let counter = 0;

/** Cached: a process keeps its pid, its start time and its pid namespace. */
function self(): Self {
  ownSelf ??= { ...ownProcess(), namespace: pidNamespace() };
  return ownSelf;
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Does not create the file yet. */
export function makeToken(directory: string, label: string): Token {
  const name = tokenName(label);
  const file = `${directory}/${name}`;
  let fd: number | undefined;
  let exists = false;
  let lost = false;
  const write = (content: Buffer): number => {
    if (fd === undefined || lost) throw new LockLost();
    writeFileSync(fd, content);
    return fd;
  };
  return {
    directory,
    name,
    open: () => {
      fd = openSync(file, NEW_FILE, 0o600);
      exists = true;
    },
    isOpen: () => fd !== undefined,
    remove: () => {
      if (fd !== undefined) closeQuietly(fd);
      fd = undefined;
      if (exists) {
        exists = false;
        removeTokens(directory, [name]);
      }
    },
    lose: () => {
      lost = true;
    },
    write,
    renameTo: (path, content) => {
      const written = write(content);
      renameOrLose(file, path);
      exists = false;
      return identityIfKnown(written, content);
    },
  };
}

/** The content is renamed already, or there is none to keep: an error of close(2) changes neither. */
function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // The kernel has released the descriptor even so.
  }
}

/** The commit stands even if fstat(2) fails; an empty identity, which no file has, makes the next reader read. */
function identityIfKnown(fd: number, content: Buffer): string {
  try {
    return identityOf(fstatSync(fd), content);
  } catch {
    return '';
  }
}

/** Consists of pid, start time, pid namespace, a unique part, and the activity. */
function tokenName(label: string): string {
  const { pid, startTime, namespace } = self();
  counter += 1;
  const unique = `${counter.toString(36)}${Math.random().toString(36).slice(2)}`;
  const shown = label.replace(/[^\w-]+/g, '_').slice(0, 100);
  return `${pid}.${startTime}.${namespace}.${unique}.${shown}`;
}

function renameOrLose(file: string, path: string): void {
  try {
    renameSync(file, path);
  } catch (error) {
    throw hasCode(error, 'ENOENT') ? new LockLost() : error;
  }
}

/** An abandoned directory without a token would make every process wait. */
export function openOrLeave(token: Token): void {
  try {
    token.open();
  } catch (error) {
    rmdirSync(token.directory);
    throw error;
  }
}

const TOKEN = /^(?<pid>\d+)\.(?<startTime>\d+)\.(?<namespace>\d+)\.(?<unique>\w+)\.(?<label>.*)$/;

/** Whether the token's process has certainly ended; false if that cannot be known from here. */
export function isDeadToken(name: string): boolean {
  const { pid, startTime, namespace } = TOKEN.exec(name)?.groups ?? {};
  if (pid === undefined || startTime === undefined || namespace !== self().namespace) {
    return false;
  }
  return !isRunning({ pid: Number(pid), startTime });
}

/** The holder of the first token, in words. */
export function describeHolder(tokens: readonly string[]): string {
  const { pid, label } = TOKEN.exec(tokens[0] ?? '')?.groups ?? {};
  return pid === undefined ? 'an unknown process' : `process ${pid} (${label ?? ''})`;
}

/** A holder that wakes up later finds its lease lost. */
export function removeTokens(directory: string, names: readonly string[]): void {
  for (const name of names) {
    try {
      unlinkSync(`${directory}/${name}`);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) {
        throw error;
      }
    }
  }
}
