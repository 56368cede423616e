import { posix } from 'node:path';

/** A path that a configuration names. */
export interface NamedPath {
  /** Absolute, without `.` and `..`; symbolic links are not followed. */
  readonly path: string;
  /** `dataDir`, as `host-local` and its relatives spell it: where a plugin keeps its state, never an input. */
  readonly isState: boolean;
}

const STATE_KEY = /^data_?dir$/i;

/**
 * Every path that a plugin may read or write because a configuration names it: whole texts, the parts of a list joined
 * by colons, the words of a command line (`--data-dir=/srv/state`), and keys of objects. A text that only looks like a
 * path does no harm: nothing is made for it outside a case. Addresses with a prefix (`::/0`) and URLs of other machines
 * are no paths.
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
  // A relative one is taken from the working directory of a call, which is "/".
  if (isState) return text === '' ? [] : [{ path: normalize(`/${text}`), isState }];
  const whole = text.startsWith('/') ? [text] : [];
  const words = [...text.matchAll(/(?<=^|[\s:=,;'"])\/[^\s:=,;'"]*/g)].map(([word]) => word);
  return [...whole, ...words].filter(isPath).map((word) => ({ path: normalize(word), isState }));
}

/** `/64` of an address is none, nor is what follows the scheme of a URL that has a host. */
const isPath = (word: string): boolean => !/^\/\d*$/.test(word) && !/^\/\/[^/]/.test(word);

function normalize(path: string): string {
  return posix
    .normalize(path)
    .replace(/^\/+/, '/')
    .replace(/(?<=.)\/$/, '');
}
