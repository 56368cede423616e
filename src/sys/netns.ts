import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import type { Context } from './context.ts';
import { mayBeNetns } from './libc.ts';

/** An open network namespace. Everything is done through `fd`, so that a path swapped later changes nothing. */
export interface Netns {
  readonly fd: number;
  readonly path: string;
  /** `dev:inode` of the nsfs file. */
  readonly id: string;
}

/** A path that is no usable sandbox; `reason` says why. */
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

const OWN_NETNS = '/proc/self/ns/net';

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied; flatnet must run as root';
  return error instanceof Error ? error.message : String(error);
}

/**
 * Opens the namespace a runtime names. The path may be a bind mount, /proc/PID/ns/net or /proc/PID/fd/N, so it is
 * opened and never parsed. O_NONBLOCK: a fifo in its place must not stop us.
 *
 * @throws NetnsError when it cannot be opened, is no namespace file, or is the one we run in (SPEC "CNI_NETNS";
 * the reference skeleton checks that only after the fact).
 */
export function openNetns(path: string, ctx: Context): Netns {
  const fd = openPath(path);
  try {
    const opened = fstatSync(fd, { bigint: true });
    const own = statSync(OWN_NETNS, { bigint: true });
    if (opened.dev !== own.dev) throw new NetnsError(path, 'it is no namespace file');
    const mayBe = ctx.plain === undefined ? mayBeNetns(fd) : ctx.plain.mayBeNetns(fd, ctx);
    if (!mayBe) throw new NetnsError(path, 'it is a namespace of another kind');
    if (opened.ino === own.ino) {
      throw new NetnsError(path, 'it is the network namespace of the host, which flatnet must not add to');
    }
    return { fd, path, id: `${opened.dev.toString()}:${opened.ino.toString()}` };
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

/** Lets the namespace go; the kernel removes it with its last holder. Never fails: the answer may be out already. */
export function closeNetns(netns: Netns): void {
  try {
    closeSync(netns.fd);
  } catch {
    // The kernel has let go of the descriptor all the same.
  }
}
