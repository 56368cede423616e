import { lstat, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CONFIGURATION, PRIVATE_DIRECTORIES } from './host.ts';
import { namedPaths, type NamedPath } from './named.ts';

/** What a host needs to make the paths in a configuration private. */
export interface Privacy {
  /** Existing directories that stay readable and take writes privately. */
  readonly overlays: readonly string[];
  /** Existing directories that start empty. */
  readonly tmpfs: readonly string[];
  /** Files and directories of the machine that the host may hide, and that may be an input. */
  readonly inputs: readonly string[];
  /** State directories of a plugin besides the host's private ones; may not exist. */
  readonly state: readonly string[];
  /** Shared by every case: devices, sockets, and files of /proc and /sys. */
  readonly shared: readonly string[];
}

/** For a configuration without paths of the machine. */
export const PLAIN: Privacy = { overlays: [], tmpfs: [], inputs: [], state: [], shared: [] };

/** Directories of the kernel: nothing can be created in them or mounted over them. */
const KERNEL_DIRECTORIES = ['/proc', '/sys'];

/**
 * Classifies the paths in a configuration on this machine.
 * @throws {Error} naming a path that cannot be made private.
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
    // Without what existed before the run: it may be an input.
    state: unique([...emptied, ...visible.filter(({ kind }) => kind === 'absent').map(({ real }) => real)]),
    shared: unique(shared.map(({ named }) => named.path)),
  };
}

/** Remedy for a path that cannot be made private. */
const REMEDY = `name a path in ${PRIVATE_DIRECTORIES.join(', ')} for the test`;

interface Place {
  readonly named: NamedPath;
  /** The path with all symbolic links resolved. */
  readonly real: string;
  readonly kind: 'absent' | 'directory' | 'file' | 'special';
  /** The path itself if it is a directory, else the nearest existing one above. */
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
  // A link in /proc stands for a kernel object, and following it may be forbidden.
  const found = await stat(path)
    .catch(() => lstat(path))
    .catch(() => undefined);
  if (found === undefined) return 'absent';
  if (found.isDirectory()) return 'directory';
  return found.isFile() ? 'file' : 'special';
}

/** Resolves symbolic links, dangling ones included. */
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

/** State of the machine's own network must not show in a case. A top-level directory holds more than state. */
function isEmptied({ named, real, kind }: Place): boolean {
  const isCovered = isWithin(real, [...PRIVATE_DIRECTORIES, CONFIGURATION]);
  return named.isState && kind === 'directory' && dirname(real) !== '/' && !isCovered;
}

/** Logs are written, not read, and a state directory is no input. */
function isInput({ named, real, kind }: Place, hidden: readonly string[]): boolean {
  if (named.isState || real === CONFIGURATION) return false;
  if (isWithin(real, [CONFIGURATION])) return kind === 'file' || kind === 'directory';
  return kind === 'file' && isWithin(real, hidden) && !isWithin(real, ['/var/log']);
}

const unique = (paths: readonly string[]): string[] => [...new Set(paths)];
