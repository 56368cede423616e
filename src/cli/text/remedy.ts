import { shellWord } from '../self.ts';

/** What takes the space of a file system. Without a glob: the shell that would expand it is not root's. */
export function findLargest(mountPoint: string): string {
  return `sudo du -xhd1 ${shellWord(mountPoint)} | sort -rh | head`;
}
