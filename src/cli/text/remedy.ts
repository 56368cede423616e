import { shellWord } from '../self.ts';

/** Lists the largest directories of a file system. No glob: a shell without root would expand it. */
export function findLargest(mountPoint: string): string {
  return `sudo du -xhd1 ${shellWord(mountPoint)} | sort -rh | head`;
}
