import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { UNBOUNDED } from '../context.ts';
import { runToEnd } from '../process/run.ts';

/** Above that many files one `syncfs` takes less time than an `fsync` each. */
const FEW = 16;
const SYNC_MS = 5_000;

function hasText(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8') === text;
  } catch {
    return false;
  }
}

/** Whether the file could be made a second name of one with the same text. */
function isLinked(path: string, text: string, former: string): boolean {
  if (!hasText(former, text)) return false;
  try {
    linkSync(former, path);
    return true;
  } catch {
    return false;
  }
}

function sync(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

export interface Tree {
  readonly directory: string;
  /** By path below the directory. */
  readonly files: ReadonlyMap<string, string>;
  /** A directory of the same form: files that are equal there are linked instead of written. */
  readonly former: string | undefined;
}

/**
 * Writes a new directory, all of which is on the disk afterwards. The directory must not be read before.
 * @throws an error of `node:fs`, with the directory removed again
 */
export async function writeTree({ directory, files, former }: Tree): Promise<void> {
  const written: string[] = [];
  try {
    mkdirSync(directory, { recursive: true });
    for (const [name, text] of files) {
      const path = `${directory}/${name}`;
      mkdirSync(dirname(path), { recursive: true });
      if (former !== undefined && isLinked(path, text, `${former}/${name}`)) continue;
      writeFileSync(path, text);
      written.push(path);
    }
    if (written.length <= FEW) [...written, directory].forEach(sync);
    else await runToEnd({ tool: 'sync', args: ['--file-system', directory], timeoutMs: SYNC_MS }, UNBOUNDED);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Lets a symbolic link lead elsewhere, as one step that outlasts a crash. */
export function pointLink(path: string, target: string): void {
  const temporary = `${path}.new`;
  rmSync(temporary, { force: true });
  symlinkSync(target, temporary);
  renameSync(temporary, path);
  sync(dirname(path));
}

/** Creates a directory and those above it, for everybody to enter; an existing one stays as it is. */
export function ensureDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o755 });
}

/** Creates a directory that only its owner, this process's user, and one group can enter. */
export function ensureGroupDirectory(path: string, gid: number): void {
  mkdirSync(path, { recursive: true, mode: 0o755 });
  chownSync(path, process.geteuid?.() ?? 0, gid);
  chmodSync(path, 0o750);
}
