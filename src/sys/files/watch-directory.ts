import { watch } from 'node:fs';

/**
 * Calls back when a name in a directory changes, until `signal` aborts.
 * @returns false for a directory that cannot be watched, such as one that does not exist yet.
 */
export function watchDirectory(directory: string, onChange: () => void, signal: AbortSignal): boolean {
  if (signal.aborted) return false;
  try {
    const watcher = watch(directory, { signal }, onChange);
    watcher.on('error', () => {
      watcher.close();
    });
    return true;
  } catch {
    return false;
  }
}
