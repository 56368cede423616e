import { mkdirSync, readdirSync, realpathSync, rmdirSync, statSync, utimesSync } from 'node:fs';
import { lockSync } from 'proper-lockfile';
import { monotonicMs, pause } from '../clock.ts';
import { describeHolder, LockLost, makeToken, openOrLeave, removeTokens, type Token } from './token.ts';
import { watchLock, type Watch } from './watch.ts';
import { hasCode } from '../files/state-file.ts';

/*
 * One writer at a time for a small state file.
 *
 * proper-lockfile makes the lock directory, keeps it fresh and decides when it is stale; this file makes a wrong
 * decision harmless. Each holder creates a uniquely named file in the directory, its token, which is also the temporary
 * file of the new state: to commit is to write the token and rename it over the state file. A holder lists the
 * directory after creating its token, and steps back if it finds another token. A process that takes over a lock
 * removes the token of the holder it judged dead.
 *
 * Why no update is lost, whatever clocks and schedulers do: suppose X and Y both read the same old state and both
 * commit. Each token exists from its creation until its rename, else the rename fails with ENOENT and nothing is
 * written. Say X created its token first. Y listed the directory after creating its own and before reading, so before
 * X's rename (else Y had read X's commit): X's token was there, Y saw it and stepped back. Contradiction. Staleness,
 * and with it every clock, only decides how long a waiter waits.
 *
 * How long: a dead holder (by pid and start time, in the same pid namespace) is replaced at once; so is one that has
 * not refreshed its lock for two seconds of the waiter's monotonic clock. The wall clock is used too, because a waiter
 * that has just started has observed nothing yet, but a step of it can only shorten a wait.
 *
 * Nothing is synced to disk. After a power cut the boot id differs, no earlier address is in use, and a torn file is
 * set aside and rebuilt like any other damage; syncing would cost milliseconds per call to protect data that is void
 * then.
 */

/** In milliseconds, proper-lockfile's own minimum. */
const STALE_MS = 2000;
const REFRESH_MS = 1000;

/** Exclusive access until the body returns. */
export interface LockedFile {
  /** Replaces the file's content and returns its identity, see `readStateFile`. May be called once. */
  readonly commit: (content: Buffer) => string;
  /** Writes the content without replacing the file: throws if the disk has no room for it. */
  readonly rehearse: (content: Buffer) => void;
}

export interface LockOptions {
  /** How long to wait for other holders, in milliseconds. */
  readonly timeoutMs: number;
  /** The holder's activity, for the message of a waiter that times out. */
  readonly label: string;
  /** Milliseconds of a clock that never steps; tests replace it. */
  readonly monotonic?: () => number;
}

/** Other processes held the lock the whole time. */
export class LockTimeout extends Error {
  readonly holder: string;

  constructor(path: string, holder: string, waitedMs: number) {
    super(`"${path}" stayed locked for ${(waitedMs / 1000).toFixed(1)} s by ${holder}`);
    this.name = 'LockTimeout';
    this.holder = holder;
  }
}

/**
 * Runs the body while no other process can commit to the file. The body must read the file itself; it runs again if
 * another process took the lease over meanwhile (after a suspend, for example).
 * @param path - the state file; its directory exists. The lock is the directory `<path>.lock` beside it.
 * @throws LockTimeout; UnsafePath if the lock is not a directory; the errors of the body.
 */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  body: (lease: LockedFile) => T | Promise<T>,
): Promise<T> {
  const monotonic = options.monotonic ?? monotonicMs;
  const started = monotonic();
  const watch = watchLock(`${path}.lock`, monotonic);
  for (;;) {
    const held = acquire(path, options.label, watch);
    if (held !== undefined) {
      try {
        return await body(held);
      } catch (error) {
        if (!(error instanceof LockLost)) {
          throw error;
        }
      } finally {
        held.release();
      }
    }
    const waited = monotonic() - started;
    if (waited >= options.timeoutMs) {
      throw new LockTimeout(path, describeHolder(watch.tokens()), waited);
    }
    await pause(1 + Math.random() * 19);
  }
}

interface Held extends LockedFile {
  readonly release: () => void;
}

function acquire(path: string, label: string, watch: Watch): Held | undefined {
  const token = makeToken(`${path}.lock`, label);
  const fs = {
    mkdirSync: (directory: string) => {
      mkdirSync(directory, { mode: 0o700 });
      openOrLeave(token);
    },
    statSync: (directory: string) => (token.isOpen() ? statSync(directory) : watch.look()),
    rmdirSync: (directory: string) => {
      if (token.isOpen()) {
        token.remove();
      } else {
        removeTokens(directory, watch.tokens());
      }
      rmdirSync(directory);
    },
    utimesSync,
    realpathSync,
  };
  try {
    const unlock = lockSync(path, {
      realpath: false,
      stale: STALE_MS,
      update: REFRESH_MS,
      fs,
      onCompromised: () => {
        token.lose();
      },
    });
    return leaseOf(path, token, unlock);
  } catch (error) {
    if (hasCode(error, 'ELOCKED', 'ENOTEMPTY', 'EEXIST', 'ENOENT')) {
      return undefined;
    }
    throw error;
  }
}

function leaseOf(path: string, token: Token, unlock: () => void): Held | undefined {
  const release = (): void => {
    // The work is done, or its own error is propagating. A remaining lock only delays the next process until it is
    // stale; treated as a failure, it would make the caller forget an address that is already committed.
    for (const leave of [unlock, token.remove]) {
      try {
        leave();
      } catch {
        continue;
      }
    }
  };
  try {
    if (readdirSync(token.directory).every((name) => name === token.name)) {
      return {
        release,
        commit: (content) => token.renameTo(path, content),
        rehearse: token.write,
      };
    }
  } catch (error) {
    release();
    throw error;
  }
  release();
  return undefined;
}
