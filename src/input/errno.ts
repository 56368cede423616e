/** Remedies for errors of the file system. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'Free space or inodes on the file system: df -h; df -i',
  EDQUOT: 'Free space, or raise the quota',
  EROFS: 'The file system is mounted read-only: mount it read-write, or repair it',
  EACCES: 'Run as root or as the owner; if you do, check permissions and attributes: ls -ld; lsattr -d',
  EPERM: 'Run as root or as the owner; if you do, check permissions and attributes: ls -ld; lsattr -d',
  EISDIR: 'A directory is in the place of the file: move it away',
  ENOTDIR: 'A file is in the place of a directory: move it away',
};

/** `undefined` if the error has no errno or no particular remedy. */
export function remedyForErrno(error: Error): string | undefined {
  return 'code' in error ? REMEDIES[String(error.code)] : undefined;
}
