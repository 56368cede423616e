import { remedyForErrno } from '../input/errno.ts';
import { LockTimeout } from '../sys/lock/lock.ts';
import { UnsafePath } from '../sys/files/state-file.ts';
import { IpamError } from './errors.ts';

const OTHER_REMEDY = 'Check the file system and the disk; nothing that was written before is lost';

/** Wraps an error of the operating system in one that names the remedy; others pass through. */
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
      details: remedyForErrno(error) ?? OTHER_REMEDY,
      cause: error,
    });
  }
  return error;
}
