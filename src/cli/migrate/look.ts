import { basename, dirname } from 'node:path';
import { openHostStore } from '../../attachment/store.ts';
import { isNetworkName, NETWORK_NAME_FORM } from '../../attachment/parse-names.ts';
import { problemOf } from '../../input/problem.ts';
import type { Context } from '../../sys/context.ts';
import { sha256OfText } from '../../sys/digest.ts';
import { listNames, pathInfo, readText } from '../../sys/files/text-file.ts';
import type { Backend } from '../backend.ts';
import { listContainers } from '../facts/podman.ts';
import { CliError } from '../failure.ts';
import { readNetworkFiles } from '../network/find.ts';
import type { HostFile, NetworkDirectories } from '../network/host-network.ts';
import { describeBroken } from '../network/suspect.ts';
import type { Known } from './containers.ts';
import type { Found, FoundFile } from './plan.ts';
import type { NewStamp } from './to-netavark.ts';

function readFound(path: string): readonly FoundFile[] {
  const text = pathInfo(path)?.kind === 'file' ? readText(path) : undefined;
  return text === undefined ? [] : [{ path, text }];
}

function endingOf(backend: Backend): string {
  return backend === 'cni' ? '.conflist' : '.json';
}

/** Files of a kind that define the network, by its name; a broken one by the name of the file. */
function filesOf(files: readonly HostFile[], name: string, backend: Backend): readonly FoundFile[] {
  return files
    .filter((file) => file.path.endsWith(endingOf(backend)))
    .filter((file) =>
      file.kind === 'broken' ? basename(file.path) === `${name}${endingOf(backend)}` : file.name === name,
    )
    .flatMap((file) => {
      if (file.kind !== 'broken') return readFound(file.path);
      throw new CliError(`Cannot migrate network "${name}": ${describeBroken(file)}`);
    });
}

function backupsOf(path: string): readonly FoundFile[] {
  const directory = dirname(path);
  return listNames(directory)
    .filter((name) => name.startsWith(`${basename(path)}.bak`))
    .flatMap((name) => readFound(`${directory}/${name}`));
}

/** What a network of CNI has for an id with Podman, the SHA-256 of its name, and the time of its file. */
export function firstStamp(name: string, path: string): NewStamp {
  const { mtimeMs = 0 } = pathInfo(path) ?? {};
  return { id: sha256OfText(name), created: new Date(mtimeMs).toISOString() };
}

/** What was typed. */
export interface MigrateRequest {
  readonly name: string;
  readonly to: Backend;
  readonly acceptsLoss: boolean;
}

/**
 * Finds the files of a network. Changes nothing.
 *
 * @throws CliError for a name that is none, and for a file that cannot be read.
 */
export function lookForFiles(
  { name, to, acceptsLoss }: MigrateRequest,
  directories: NetworkDirectories,
): Found {
  if (!isNetworkName(name)) {
    throw new CliError(`Cannot migrate network "${name}": it is no name of a network`, NETWORK_NAME_FORM);
  }
  const files = readNetworkFiles(directories);
  const sources = filesOf(files, name, to === 'cni' ? 'netavark' : 'cni');
  const [target] = filesOf(files, name, to);
  const [source] = sources;
  return {
    name,
    to,
    acceptsLoss,
    sources,
    target,
    targetPath: target?.path ?? `${directories[to]}/${name}${endingOf(to)}`,
    backups: source === undefined ? [] : backupsOf(source.path),
    stamp: firstStamp(name, source?.path ?? ''),
  };
}

/** The containers of a network, as far as they could be found. */
export interface Inspected extends Known {
  /** Why Podman does not list its containers; `undefined` where it does, or is not installed. */
  readonly unlisted: string | undefined;
}

/** A Podman that was only just upgraded may refuse its configuration; the addresses tell of most containers, too. */
async function askPodman(network: string): Promise<Pick<Inspected, 'podman' | 'unlisted'>> {
  try {
    const podman = (await listContainers()).filter(({ networks }) => networks.includes(network));
    return { podman, unlisted: undefined };
  } catch (error) {
    const { message, details } = problemOf(error);
    return { podman: [], unlisted: details === undefined ? message : `${message}: ${details}` };
  }
}

/** Finds the containers of a network, and who had its addresses. Changes nothing. */
export async function lookForContainers(
  name: string,
  dataDir: string | undefined,
  ctx: Context,
): Promise<Inspected> {
  const store = openHostStore(dataDir, ctx);
  const network = { network: name };
  const [held, dead, remembered, asked] = await Promise.all([
    store.list(network),
    store.reclaim({ ...network, dryRun: true }),
    store.remembered(network),
    askPodman(name),
  ]);
  return { held, dead, remembered, ...asked };
}
