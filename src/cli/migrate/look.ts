import { basename, dirname } from 'node:path';
import { openHostStore } from '../../attachment/store.ts';
import { isNetworkName, NETWORK_NAME_FORM } from '../../attachment/parse-names.ts';
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
  const written = source === undefined ? undefined : pathInfo(source.path)?.mtimeMs;
  return {
    name,
    to,
    acceptsLoss,
    sources,
    target,
    targetPath: target?.path ?? `${directories[to]}/${name}${endingOf(to)}`,
    backups: source === undefined ? [] : backupsOf(source.path),
    stamp: { id: sha256OfText(name), created: new Date(written ?? 0).toISOString() },
  };
}

/** Finds the containers of a network, and who had its addresses. Changes nothing. */
export async function lookForContainers(
  name: string,
  dataDir: string | undefined,
  ctx: Context,
): Promise<Known> {
  const store = openHostStore(dataDir, ctx);
  const network = { network: name };
  const [held, dead, remembered, podman] = await Promise.all([
    store.list(network),
    store.reclaim({ ...network, dryRun: true }),
    store.remembered(network),
    listContainers(),
  ]);
  return { held, dead, remembered, podman: podman.filter(({ networks }) => networks.includes(name)) };
}
