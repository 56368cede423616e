import { readdirSync, statSync } from 'node:fs';

function netnsOf(pid: string): string | undefined {
  try {
    const { dev, ino } = statSync(`/proc/${pid}/ns/net`, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    // It has ended, or waits to be reaped.
    return undefined;
  }
}

/** The network namespaces that a process is in, as `dev:inode` of their nsfs files. */
export function occupiedNetns(): ReadonlySet<string> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Set(pids.flatMap((pid) => netnsOf(pid) ?? []));
}
