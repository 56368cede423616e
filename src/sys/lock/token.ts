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

/** The lease went to another process: nothing was written, the work has to start again. */
export class LeaseLost extends Error {}

/** A holder's file in the lock directory, and the temporary file of what it will commit. See lock.ts. */
export interface Token {
  readonly directory: string;
  readonly name: string;
  readonly open: () => void;
  readonly isOpen: () => boolean;
  /** Removes it unless it has become the state file. */
  readonly remove: () => void;
  readonly lose: () => void;
  /** Writes the content into the token. */
  readonly write: (content: Buffer) => void;
  /** Writes the content and renames it to the path; returns its identity (see state-file.ts), or an empty text. */
  readonly renameTo: (path: string, content: Buffer) => string;
}

interface Self extends ProcessRef {
  readonly namespace: string;
}

let ownSelf: Self | undefined;
let counter = 0;

/** Read once: a process keeps its pid, its start time and its pid namespace. */
function self(): Self {
  ownSelf ??= { ...ownProcess(), namespace: pidNamespace() };
  return ownSelf;
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** A token that is not made yet. */
export function makeToken(directory: string, label: string): Token {
  const name = tokenName(label);
  const file = `${directory}/${name}`;
  let fd: number | undefined;
  let exists = false;
  let lost = false;
  const write = (content: Buffer): number => {
    if (fd === undefined || lost) throw new LeaseLost();
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

/** What was to be kept is renamed, or there is nothing to keep: what close(2) still has to say changes neither. */
function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // The kernel has let go of the descriptor all the same.
  }
}

/** The commit stands, whatever fstat(2) says; an identity that no file has makes the next reader read. */
function identityIfKnown(fd: number, content: Buffer): string {
  try {
    return identityOf(fstatSync(fd), content);
  } catch {
    return '';
  }
}

/** Tells whose the token is: pid, start time, pid namespace, a part that makes it unique, and what is being done. */
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
    throw hasCode(error, 'ENOENT') ? new LeaseLost() : error;
  }
}

/** A directory without a token, left behind, would make everybody wait. */
export function openOrLeave(token: Token): void {
  try {
    token.open();
  } catch (error) {
    rmdirSync(token.directory);
    throw error;
  }
}

const TOKEN = /^(?<pid>\d+)\.(?<startTime>\d+)\.(?<namespace>\d+)\.(?<unique>\w+)\.(?<label>.*)$/;

/** Whether the token's process is known to have ended; false when it cannot be known from here. */
export function isDeadToken(name: string): boolean {
  const { pid, startTime, namespace } = TOKEN.exec(name)?.groups ?? {};
  if (pid === undefined || startTime === undefined || namespace !== self().namespace) {
    return false;
  }
  return !isRunning({ pid: Number(pid), startTime });
}

/** The maker of the first of these tokens, in words. */
export function describeHolder(tokens: readonly string[]): string {
  const { pid, label } = TOKEN.exec(tokens[0] ?? '')?.groups ?? {};
  return pid === undefined ? 'an unknown process' : `process ${pid} (${label ?? ''})`;
}

/** Removes tokens; whose holder wakes up later finds that it has lost its lease. */
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
