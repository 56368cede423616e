import { readdirSync, statSync } from 'node:fs';

function netnsOf(pid: string): string | undefined {
  try {
    const { dev, ino } = statSync(`/proc/${pid}/ns/net`, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    // The process has ended, or is a zombie.
    return undefined;
  }
}

/** Network namespaces of all processes, as `dev:inode` of their nsfs files. */
export function occupiedNetns(): ReadonlySet<string> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Set(pids.flatMap((pid) => netnsOf(pid) ?? []));
}
