import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { isDeadToken } from './token.ts';
import { UnsafePath } from '../files/state-file.ts';

/** Another process's lock, watched by one waiter. */
export interface Watch {
  /** The lock directory as proper-lockfile must judge it. */
  readonly look: () => { readonly mtime: Date };
  /** The tokens at the last look. */
  readonly tokens: () => readonly string[];
}

/**
 * How long a watched lock may stay unchanged, in milliseconds: nearly two refreshes of the holder, and short enough
 * that with one more pause no waiter waits longer than two seconds for a hanging holder.
 */
const PATIENCE_MS = 1800;

/** The same for a lock without a token: its holder is about to create it, has just committed, or was killed there. */
const EMPTY_PATIENCE_MS = 100;

/** Converts what it observes into the mtime that proper-lockfile compares with the clock. */
export function watchLock(directory: string, monotonic: () => number): Watch {
  let seen: Look = { key: '', since: 0, tokens: [] };
  return {
    tokens: () => seen.tokens,
    look: () => {
      const stat = lstatSync(directory);
      if (!stat.isDirectory()) {
        throw new UnsafePath(directory, 'is not a directory');
      }
      const tokens = readdirSync(directory);
      const key = keyOf(stat, tokens);
      if (key !== seen.key) {
        seen = { key, since: monotonic(), tokens };
      }
      const dead = tokens.length > 0 && tokens.every(isDeadToken);
      const silent = monotonic() - seen.since >= (tokens.length === 0 ? EMPTY_PATIENCE_MS : PATIENCE_MS);
      return { mtime: new Date(dead || silent ? 0 : stat.mtimeMs) };
    },
  };
}

interface Look {
  readonly key: string;
  readonly since: number;
  readonly tokens: readonly string[];
}

function keyOf(stat: Stats, tokens: readonly string[]): string {
  return `${stat.ino} ${stat.mtimeMs} ${tokens.join(' ')}`;
}
