import { getSystemErrorName } from 'node:util';
import { SystemCallError } from '../libc.ts';

/** Unknown to Node by name. nfnetlink: another process changed the ruleset first. */
const ERESTART = 85;

/** Refusals that mean "does not exist". <asm-generic/errno-base.h> */
export const ABSENT = { ENOENT: 2, ENODEV: 19 } as const;

export class NetlinkError extends Error {
  /** `EEXIST` and the like. */
  readonly code: string;
  readonly line: string;

  constructor(line: string, errno: number, explanation: string | undefined) {
    const code = errno === ERESTART ? 'ERESTART' : getSystemErrorName(-errno);
    super(`The kernel refused "${line}": ${[code, explanation].filter(Boolean).join(', ')}`);
    this.name = 'NetlinkError';
    this.code = code;
    this.line = line;
  }
}

/** Whether the kernel refused with one of these codes. */
export function isRefusal(error: unknown, ...codes: readonly string[]): error is NetlinkError {
  return error instanceof NetlinkError && codes.includes(error.code);
}

/** Whether the kernel refused, by netlink or in a system call. */
export function isFromKernel(error: unknown): error is NetlinkError | SystemCallError {
  return error instanceof NetlinkError || error instanceof SystemCallError;
}
