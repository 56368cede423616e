import { listNames, pathInfo, readText } from '../../sys/text-file.ts';
import { CliError } from '../failure.ts';
import { type ConflistFile, type FlatnetNetwork, inspectConflist } from './conflist.ts';

/** Every network list of a directory, in the order runtimes read them: by file name. */
export function readConflists(directory: string): readonly ConflistFile[] {
  return listNames(directory)
    .filter((name) => name.endsWith('.conflist'))
    .map((name) => `${directory}/${name}`)
    .filter((path) => pathInfo(path)?.kind === 'file')
    .map((path) => inspectConflist(readText(path) ?? '', path));
}

/** The networks of type flatnet among them. */
export function flatnetNetworks(files: readonly ConflistFile[]): readonly FlatnetNetwork[] {
  return files.filter((file) => file.kind === 'flatnet');
}

/**
 * The network of that name.
 *
 * @throws CliError naming those that are there.
 */
export function requireNetwork(directory: string, name: string): FlatnetNetwork {
  const files = readConflists(directory);
  const networks = flatnetNetworks(files);
  const found = networks.find((network) => network.name === name);
  if (found !== undefined) return found;
  const other = files.find((file) => file.kind === 'other' && file.name === name);
  if (other?.kind === 'other') {
    throw new CliError(
      `Cannot use network "${name}": its plugins are ${other.types.join(', ')}, not flatnet (${other.path})`,
    );
  }
  const names = networks.map((network) => network.name).join(', ');
  throw new CliError(
    `Cannot find network "${name}" in ${directory}`,
    names === '' ? 'There is none yet: sudo flatnet install' : `There are: ${names}`,
  );
}
