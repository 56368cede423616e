import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathInfo } from './text-file.ts';

export interface DiskUsage {
  /** The requested directory, or its nearest existing ancestor. */
  readonly directory: string;
  readonly mountPoint: string;
  readonly sizeBytes: number;
  /** Free for root: includes the reserve. */
  readonly freeBytes: number;
  /** 0 to 100, without the reserve, as `df` counts. */
  readonly usedPercent: number;
  /** 0 to 100; 0 if the file system has no fixed number of inodes. */
  readonly inodesUsedPercent: number;
}

function percent(used: number, total: number): number {
  return total <= 0 ? 0 : (used / total) * 100;
}

function mountPointOf(directory: string): string {
  const { dev } = statSync(directory);
  let top = directory;
  while (top !== '/' && statSync(dirname(top)).dev === dev) top = dirname(top);
  return top;
}

/** Usage of the file system that has, or would have, the directory. */
export function diskUsage(directory: string): DiskUsage {
  let existing = directory;
  while (pathInfo(existing)?.kind !== 'directory' && existing !== '/') existing = dirname(existing);
  const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(existing);
  const used = blocks - bfree;
  return {
    directory: existing,
    mountPoint: mountPointOf(existing),
    sizeBytes: blocks * bsize,
    freeBytes: bfree * bsize,
    usedPercent: percent(used, used + bavail),
    inodesUsedPercent: percent(files - ffree, files),
  };
}
