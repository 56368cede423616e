import { type BigIntStats, closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import type { Context } from './context.ts';
import { mayBeNetns } from './libc.ts';

/** An open network namespace. All work uses `fd`, so that swapping the path later changes nothing. */
export interface Netns {
  readonly fd: number;
  readonly path: string;
  /** `dev:inode` of the nsfs file. */
  readonly id: string;
}

/** The path is not a usable sandbox. */
export class NetnsError extends Error {
  readonly reason: string;
  readonly path: string;

  constructor(path: string, reason: string, cause?: unknown) {
    super(`Cannot use "${path}" as network namespace: ${reason}`, { cause });
    this.name = 'NetnsError';
    this.path = path;
    this.reason = reason;
  }
}

/** `dev:inode`. */
export function netnsIdOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

const OWN_NETNS = '/proc/self/ns/net';

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied; flatnet must run as root';
  return error instanceof Error ? error.message : String(error);
}

/**
 * Opens the namespace a runtime names. The path may be a bind mount, /proc/PID/ns/net or /proc/PID/fd/N, so it is
 * opened and never parsed. O_NONBLOCK: a fifo at the path must not block.
 * @throws NetnsError if it cannot be opened, is not a network namespace, or is our own (SPEC "CNI_NETNS"; the reference
 * skeleton checks the latter only after the fact).
 */
export function openNetns(path: string, ctx: Context): Netns {
  const fd = openPath(path);
  try {
    const opened = fstatSync(fd, { bigint: true });
    const own = statSync(OWN_NETNS, { bigint: true });
    if (opened.dev !== own.dev) throw new NetnsError(path, 'it is not a namespace file');
    const mayBe = ctx.plain === undefined ? mayBeNetns(fd) : ctx.plain.mayBeNetns(fd, ctx);
    if (!mayBe) throw new NetnsError(path, 'it is a namespace of another kind');
    if (opened.ino === own.ino) {
      throw new NetnsError(path, 'it is the network namespace of the host, which flatnet must not add to');
    }
    return { fd, path, id: netnsIdOf(opened) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function openPath(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    throw new NetnsError(path, reasonOf(error), error);
  }
}

/** The kernel removes the namespace with its last holder. Never fails: the answer may already be out. */
export function closeNetns(netns: Netns): void {
  try {
    closeSync(netns.fd);
  } catch {
    // The kernel has released the descriptor even so.
  }
}
