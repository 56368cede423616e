import { readdirSync, statSync } from 'node:fs';
import { hasCode } from './files/state-file.ts';

/**
 * Whether it says that a process or thread has ended, or is a zombie. Of one that ends between the look-up of its
 * directory and that of a namespace, the kernel says EACCES.
 */
function isEnd(error: unknown, directory: string): boolean {
  if (hasCode(error, 'ENOENT', 'ESRCH')) return true;
  return hasCode(error, 'EACCES') && statSync(directory, { throwIfNoEntry: false }) === undefined;
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isEnd(error, directory)) return [];
    throw error;
  }
}

function idAt(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev}:${ino}`;
}

function netnsOf(task: string): string | undefined {
  try {
    return idAt(`${task}/ns/net`);
  } catch (error) {
    if (isEnd(error, task)) return undefined;
    throw error;
  }
}

/**
 * Network namespaces of all processes, as `dev:inode` of their nsfs files. A process is in every namespace that one of
 * its threads is in: programs in Go enter one with a single thread.
 *
 * @throws the system's error where a process hides its namespaces: one that is in use may be deleted for want of it.
 */
export function occupiedNetns(): ReadonlySet<string> {
  // The first process never ends: where it is not seen, others are not either (hidepid, a bare /proc).
  const first = idAt('/proc/1/ns/net');
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const tasks = pids.flatMap((pid) => namesIn(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`));
  return new Set([first, ...tasks.flatMap((task) => netnsOf(task) ?? [])]);
}
