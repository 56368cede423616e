import { lstat, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CONFIGURATION, PRIVATE_DIRECTORIES } from './host.ts';
import { namedPaths, type NamedPath } from './named.ts';

/** What a host has to do so that what a configuration names is private to it. */
export interface Privacy {
  /** Existing directories that stay readable and take writes privately. */
  readonly overlays: readonly string[];
  /** Existing directories that start empty. */
  readonly tmpfs: readonly string[];
  /** Files and directories of the machine that the host may hide, and that may be an input. */
  readonly inputs: readonly string[];
  /** Where a plugin keeps its state, besides the directories that every host has to itself; may not exist. */
  readonly state: readonly string[];
  /** Named as they are seen by every case: devices, sockets and what the kernel shows in /proc and /sys. */
  readonly shared: readonly string[];
}

/** Nothing of the machine is named. */
export const PLAIN: Privacy = { overlays: [], tmpfs: [], inputs: [], state: [], shared: [] };

/** Directories whose files are the kernel's: nothing can be made there, and nothing laid over them. */
const KERNEL_DIRECTORIES = ['/proc', '/sys'];

/**
 * Looks up what a configuration names on this machine.
 *
 * @throws {Error} naming a path that no case can have to itself.
 */
export async function planPrivacy(configuration: unknown): Promise<Privacy> {
  const places = await Promise.all(namedPaths(configuration).map(locate));
  const emptied = places.filter(isEmptied).map(({ real }) => real);
  const hidden = [...PRIVATE_DIRECTORIES, ...emptied];
  const visible = places.filter(({ real }) => !isWithin(real, hidden));
  const rest = visible.filter(({ real }) => !isWithin(real, [CONFIGURATION]));
  for (const { named, kind, real } of rest) {
    if (kind === 'absent' && isWithin(real, KERNEL_DIRECTORIES))
      throw new Error(
        `Cannot test with the path "${named.path}" that the configuration names: nothing can be made in "${dirname(real)}", which is the kernel's; ${REMEDY}`,
      );
  }
  const shared = rest.filter(({ kind, real }) => kind === 'special' || isWithin(real, KERNEL_DIRECTORIES));
  return {
    tmpfs: unique(emptied),
    overlays: unique(rest.filter((place) => !shared.includes(place)).map(({ directory }) => directory)),
    inputs: unique(places.filter((place) => isInput(place, hidden)).map(({ real }) => real)),
    // What lay there before the run is none: it may be an input.
    state: unique([...emptied, ...visible.filter(({ kind }) => kind === 'absent').map(({ real }) => real)]),
    shared: unique(shared.map(({ named }) => named.path)),
  };
}

/** What helps when a path cannot be made private. */
const REMEDY = `name a path in ${PRIVATE_DIRECTORIES.join(', ')} for the test`;

interface Place {
  readonly named: NamedPath;
  /** Where the path leads when every symbolic link on the way is followed. */
  readonly real: string;
  readonly kind: 'absent' | 'directory' | 'file' | 'special';
  /** The nearest existing directory: the path itself when it is one. */
  readonly directory: string;
}

async function locate(named: NamedPath): Promise<Place> {
  const real = await follow(named.path);
  const kind = await kindOf(real);
  let directory = kind === 'directory' ? real : dirname(real);
  while ((await kindOf(directory)) !== 'directory') directory = dirname(directory);
  return { named, real, kind, directory };
}

async function kindOf(path: string): Promise<Place['kind']> {
  // A link of /proc stands for an object of the kernel, and may not be followed by everybody.
  const found = await stat(path)
    .catch(() => lstat(path))
    .catch(() => undefined);
  if (found === undefined) return 'absent';
  if (found.isDirectory()) return 'directory';
  return found.isFile() ? 'file' : 'special';
}

/** The path without symbolic links, those included that lead to nothing yet. */
async function follow(path: string, links = 0): Promise<string> {
  if (isWithin(path, KERNEL_DIRECTORIES)) return path;
  if (links > 40) throw new Error(`Cannot follow "${path}": too many symbolic links`);
  const real = await realpath(path).catch(() => undefined);
  if (real !== undefined) return real;
  const isLink = await lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
  if (isLink) return follow(resolve(dirname(path), await readlink(path)), links + 1);
  return join(await follow(dirname(path), links), basename(path));
}

function isWithin(path: string, directories: readonly string[]): boolean {
  return directories.some((directory) => path === directory || path.startsWith(`${directory}/`));
}

/** State of the machine's own network must not show in a case. A whole top-level directory holds more than state. */
function isEmptied({ named, real, kind }: Place): boolean {
  const isCovered = isWithin(real, [...PRIVATE_DIRECTORIES, CONFIGURATION]);
  return named.isState && kind === 'directory' && dirname(real) !== '/' && !isCovered;
}

/** Logs are written, not read, and a directory in which plugins keep their state is none. */
function isInput({ named, real, kind }: Place, hidden: readonly string[]): boolean {
  if (named.isState || real === CONFIGURATION) return false;
  if (isWithin(real, [CONFIGURATION])) return kind === 'file' || kind === 'directory';
  return kind === 'file' && isWithin(real, hidden) && !isWithin(real, ['/var/log']);
}

const unique = (paths: readonly string[]): string[] => [...new Set(paths)];
