import { posix } from 'node:path';

export interface NamedPath {
  /** Absolute, without `.` and `..`; symbolic links are not followed. */
  readonly path: string;
  /** `dataDir`, as in `host-local` and its relatives: the directory of a plugin's state, never an input. */
  readonly isState: boolean;
}

const STATE_KEY = /^data_?dir$/i;

/**
 * Every path that a plugin may access because a configuration names it: whole texts, the parts of a list joined by
 * colons, the words of a command line (`--data-dir=/srv/state`), and keys of objects. A text that only resembles a path
 * is harmless: nothing is created for it outside a case. Addresses with a prefix (`::/0`) and URLs of other machines
 * are excluded.
 */
export function namedPaths(configuration: unknown): NamedPath[] {
  const found = new Map<string, NamedPath>();
  for (const named of pathsIn(configuration)) {
    const isState = named.isState || found.get(named.path)?.isState === true;
    found.set(named.path, { ...named, isState });
  }
  return [...found.values()];
}

function pathsIn(value: unknown, key = ''): NamedPath[] {
  if (typeof value === 'string') return pathsOfText(value, STATE_KEY.test(key));
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((entry: unknown) => pathsIn(entry, key));
  return Object.entries(value).flatMap(([name, entry]) => [
    ...pathsOfText(name, false),
    ...pathsIn(entry, name),
  ]);
}

function pathsOfText(text: string, isState: boolean): NamedPath[] {
  // Relative to the working directory of a call, which is "/".
  if (isState) return text === '' ? [] : [{ path: normalize(`/${text}`), isState }];
  const whole = text.startsWith('/') ? [text] : [];
  const words = [...text.matchAll(/(?<=^|[\s:=,;'"])\/[^\s:=,;'"]*/g)].map(([word]) => word);
  return [...whole, ...words].filter(isPath).map((word) => ({ path: normalize(word), isState }));
}

/** Not the `/64` of an address, nor the rest of a URL with a host. */
const isPath = (word: string): boolean => !/^\/\d*$/.test(word) && !/^\/\/[^/]/.test(word);

function normalize(path: string): string {
  return posix
    .normalize(path)
    .replace(/^\/+/, '/')
    .replace(/(?<=.)\/$/, '');
}
