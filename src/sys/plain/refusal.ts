import { constants } from 'node:os';
import { NetlinkError } from '../netlink/error.ts';
import { CommandError, failedLine } from '../process/run.ts';

type Code = keyof typeof constants.errno;

/**
 * Messages of `ip`, `bridge` and `nft` (LC_ALL=C) for a refusal by the kernel, and its code: strerror(3), the kernel's
 * own messages where it has some, and `Cannot find device`, which `ip` prints before it asks the kernel.
 */
const CODES: readonly (readonly [words: RegExp, code: Code])[] = [
  [/File exists|already assigned|already exists/, 'EEXIST'],
  [/Cannot find device|No such device(?! or address)|does not exist/, 'ENODEV'],
  [/No such file or directory|entry not found/, 'ENOENT'],
  [/No such process/, 'ESRCH'],
  [/Operation not permitted/, 'EPERM'],
  [/Permission denied/, 'EACCES'],
  [/Network is unreachable|Nexthop has invalid gateway/, 'ENETUNREACH'],
  [/No route to host/, 'EHOSTUNREACH'],
  [/Device or resource busy/, 'EBUSY'],
  [/No buffer space available/, 'ENOBUFS'],
  [/Cannot allocate memory/, 'ENOMEM'],
  [/No space left on device/, 'ENOSPC'],
  [/Too many open files in system|Set is full/, 'ENFILE'],
  [/Cannot assign requested address/, 'EADDRNOTAVAIL'],
  [/Address already in use/, 'EADDRINUSE'],
  [/Protocol not supported/, 'EPROTONOSUPPORT'],
  [/Address family not supported/, 'EAFNOSUPPORT'],
  [/Operation not supported|Unknown device type/, 'EOPNOTSUPP'],
  [/Numerical result out of range/, 'ERANGE'],
  [/Input\/output error/, 'EIO'],
  [/Interrupted system call/, 'EINTR'],
  [/Resource temporarily unavailable/, 'EAGAIN'],
  [/Invalid argument/, 'EINVAL'],
];

/** Complaints by `ip` before it asks the kernel: the line is defective, and the kernel has not answered. */
const OF_THE_PROGRAM =
  /^Error: (argument|either|an? |any valid|inet|unknown)|^Usage|^Command line is not complete/;

function codeIn(said: string): Code | undefined {
  const found = CODES.find(([words]) => words.test(said));
  if (found !== undefined) return found[1];
  // The kernel's own messages lack the code, and nearly all come with this one.
  return said.startsWith('Error: ') && !OF_THE_PROGRAM.test(said) ? 'EINVAL' : undefined;
}

/** Prefixes of `nft` and `ip` before strerror(3), which the code already expresses. */
const ONLY_A_CODE = /^(RTNETLINK answers|Error: Could not process rule): /;

/**
 * Converts a program's failure into the refusal netlink would have reported: callers recognize it by its code. Other
 * failures pass unchanged: the program was killed, timed out, or did not understand its line.
 * @param lines given to the program.
 */
export function asRefusal(error: unknown, lines: readonly string[]): unknown {
  if (!(error instanceof CommandError)) return error;
  const { completed } = error;
  const said = completed.stderr.trim().split('\n')[0] ?? '';
  const code = completed.exitCode === null ? undefined : codeIn(said);
  if (code === undefined) return error;
  const line = lines[(failedLine(completed) ?? 1) - 1] ?? '';
  return new NetlinkError(line, constants.errno[code], ONLY_A_CODE.test(said) ? undefined : said);
}
