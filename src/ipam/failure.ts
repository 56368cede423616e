import { LockTimeout } from '../sys/lock/lock.ts';
import { UnsafePath } from '../sys/files/state-file.ts';
import { IpamError } from './errors.ts';

/** What helps against an error of the file system. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'Free some space or inodes on its file system.',
  EDQUOT: 'Free some space, or raise the quota.',
  EROFS: 'Mount its file system for writing, or set ipam.dataDir to a directory elsewhere.',
  EACCES: 'Run as the owner of the directory, or make that one the owner.',
  EPERM: 'Run as the owner of the directory, or make that one the owner.',
  EISDIR: 'Move away the directory that is there.',
  ENOTDIR: 'Make a directory of what is in its path, or set ipam.dataDir to another one.',
};
const OTHER_REMEDY =
  'See whether the file system and the disk are in order; nothing that was written before is lost.';

/** Turns what the operating system says of the state file into what a person can act on. */
export function asIpamError(path: string, error: Error): Error {
  if (error instanceof LockTimeout) {
    return new IpamError('locked', `Cannot lock ${error.message}`, {
      details: 'Try again later; if that process hangs, end it.',
      cause: error,
    });
  }
  if (error instanceof UnsafePath) {
    return new IpamError('io', `Cannot use the state file "${path}": ${error.message}`, {
      details: `It must be a file of its own in a directory that only its owner can write. ${error.remedy ?? 'Move away what is there.'}`,
      cause: error,
    });
  }
  if ('syscall' in error && 'code' in error) {
    return new IpamError('io', `Cannot read or write the state file "${path}": ${error.message}`, {
      details: REMEDIES[String(error.code)] ?? OTHER_REMEDY,
      cause: error,
    });
  }
  return error;
}
