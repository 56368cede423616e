import { chmodSync, chownSync, renameSync } from 'node:fs';
import { createConnection } from 'node:net';

/** Whether a program answers at a unix socket; not where the file is left of one that ended, or there is none. */
export function isSocketServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    const settle = (isServed: boolean): void => {
      socket.destroy();
      resolve(isServed);
    };
    socket.once('connect', () => {
      settle(true);
    });
    socket.once('error', () => {
      settle(false);
    });
  });
}

/** Who may connect: connecting needs the right to write. */
export interface SocketAccess {
  readonly mode: number;
  /** A group's number; that of this process unless given. */
  readonly group?: number | undefined;
}

/**
 * Puts a listening socket in its place, in one step and with its rights: nobody connects before, and what is left of an earlier
 * program goes.
 * @param bound where it listens, in the same directory.
 */
export function placeSocket(bound: string, path: string, { mode, group }: SocketAccess): void {
  if (group !== undefined) chownSync(bound, -1, group);
  chmodSync(bound, mode);
  renameSync(bound, path);
}
