import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** In bytes; more of a log is not looked at. */
const LIMIT = 65_536;

/** Size of a file in bytes; 0 where it is not there. */
export function sizeOf(path: string): number {
  return withFile(path, (fd) => fstatSync(fd).size) ?? 0;
}

/** What was appended to a file since it had that size; from its start if it was replaced. */
export function readSince(path: string, size: number): string {
  const read = (fd: number): string => {
    const now = fstatSync(fd).size;
    const from = now < size ? 0 : Math.max(size, now - LIMIT);
    const bytes = Buffer.alloc(Math.max(0, Math.min(now - from, LIMIT)));
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, from));
  };
  return withFile(path, read) ?? '';
}

function withFile<T>(path: string, use: (fd: number) => T): T | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}
