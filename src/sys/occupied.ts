import { readdirSync, statSync } from 'node:fs';

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // The process has ended.
    return [];
  }
}

function netnsOf(task: string): string | undefined {
  try {
    const { dev, ino } = statSync(`${task}/ns/net`, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    // The thread has ended, or the process is a zombie.
    return undefined;
  }
}

/**
 * Network namespaces of all processes, as `dev:inode` of their nsfs files. A process is in every namespace that one of
 * its threads is in: programs in Go enter one with a single thread.
 */
export function occupiedNetns(): ReadonlySet<string> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const tasks = pids.flatMap((pid) => namesIn(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`));
  return new Set(tasks.flatMap((task) => netnsOf(task) ?? []));
}
