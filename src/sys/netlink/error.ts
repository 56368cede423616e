import { getSystemErrorName } from 'node:util';
import { SystemCallError } from '../libc.ts';

/** Not among the errors that Node knows by name: another process changed the ruleset first (nfnetlink). */
const ERESTART = 85;

/** Refusals that answer a question: there is no such thing. <asm-generic/errno-base.h> */
export const ABSENT = { ENOENT: 2, ENODEV: 19 } as const;

/** A request that the kernel refused. */
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

/** True when the kernel refused something with one of these codes. */
export function isRefusal(error: unknown, ...codes: readonly string[]): error is NetlinkError {
  return error instanceof NetlinkError && codes.includes(error.code);
}

/** True for what the kernel said no to, by netlink or by a system call. */
export function isFromKernel(error: unknown): error is NetlinkError | SystemCallError {
  return error instanceof NetlinkError || error instanceof SystemCallError;
}
