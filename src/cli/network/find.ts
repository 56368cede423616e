import { listNames, pathInfo, readText } from '../../sys/files/text-file.ts';
import { CliError } from '../failure.ts';
import { type ConflistFile, type FlatnetNetwork, inspectConflist } from '../../cni/conflist.ts';
import { describeOther, suspectsAmong } from './suspect.ts';

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

/** Remedy where no network is found: correct the files that look like one, else install. */
function remedyFor(files: readonly ConflistFile[], otherwise: string): string {
  const suspects = suspectsAmong(files);
  if (suspects.length === 0) return otherwise;
  return suspects.flatMap(({ why, remedy }) => [why, remedy]).join('\n');
}

/**
 * All networks of type flatnet.
 *
 * @param doing completes the sentence "Cannot ...".
 * @throws CliError when there is none.
 */
export function requireNetworks(directory: string, doing: string): readonly FlatnetNetwork[] {
  const files = readConflists(directory);
  const networks = flatnetNetworks(files);
  if (networks.length > 0) return networks;
  throw new CliError(
    `Cannot ${doing}: there is no network of type flatnet in ${directory}`,
    remedyFor(files, 'sudo flatnet install'),
  );
}

/**
 * The network of that name.
 *
 * @throws CliError naming the known networks, and files that look like one.
 */
export function requireNetwork(directory: string, name: string): FlatnetNetwork {
  const files = readConflists(directory);
  const networks = flatnetNetworks(files);
  const found = networks.find((network) => network.name === name);
  if (found !== undefined) return found;
  const other = files.find((file) => file.kind === 'other' && file.name === name);
  if (other?.kind === 'other') {
    throw new CliError(
      `Cannot use network "${name}": ${describeOther(other)} (${other.path})`,
      suspectsAmong([other])[0]?.remedy,
    );
  }
  const broken = files.find(
    ({ kind, path }) => kind === 'broken' && path === `${directory}/${name}.conflist`,
  );
  const names = networks.map((network) => network.name).join(', ');
  throw new CliError(
    `Cannot find network "${name}" in ${directory}`,
    names === '' || broken !== undefined
      ? remedyFor(files, 'No network exists yet: sudo flatnet install')
      : `Known networks: ${names}`,
  );
}

/** @throws CliError when there is a network, or a file, of that name. */
export function requireUnused(directory: string, name: string): void {
  const existing = readConflists(directory).find((file) => file.kind !== 'broken' && file.name === name);
  const path = existing?.path ?? `${directory}/${name}.conflist`;
  if (pathInfo(path) === undefined) return;
  throw new CliError(
    `Cannot create network "${name}": ${path} already exists`,
    `flatnet network inspect ${name}`,
  );
}
