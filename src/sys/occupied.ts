import { readdirSync, statSync } from 'node:fs';
import { hasCode } from './files/state-file.ts';
import { netnsIdOf } from './netns.ts';
import { processIds } from './proc.ts';

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
  return netnsIdOf(statSync(path, { bigint: true }));
}

function netnsOf(task: string): string | undefined {
  try {
    return idAt(`${task}/ns/net`);
  } catch (error) {
    if (isEnd(error, task)) return undefined;
    throw error;
  }
}

const FIRST = 1;

/**
 * Of the first process, which never ends and is in no container's namespace. A hardened one shows its namespace to nobody; where
 * there is none, others are not seen either (a bare /proc).
 */
function netnsOfFirst(): string | undefined {
  try {
    return idAt(`/proc/${FIRST}/ns/net`);
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM')) return undefined;
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
  const first = netnsOfFirst();
  const pids = processIds().filter((pid) => pid !== FIRST);
  const tasks = pids.flatMap((pid) => namesIn(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`));
  const others = tasks.flatMap((task) => netnsOf(task) ?? []);
  return new Set(first === undefined ? others : [first, ...others]);
}
