import { inspectConflist } from '../../cni/conflist.ts';
import { inspectNetworkFile } from '../../netavark/network-file.ts';
import { readContainersConf } from '../../sys/containers-conf.ts';
import { listNames, pathInfo, readText } from '../../sys/files/text-file.ts';
import { inspectBackend } from '../facts/backend.ts';
import { CliError } from '../failure.ts';
import { networkDirectories } from './directory.ts';
import {
  describeDirectories,
  type HostFile,
  type HostNetwork,
  type NetworkDirectories,
  networksIn,
} from './host-network.ts';
import { describeOther, suspectsAmong } from './suspect.ts';

/** A file of a network, of the kind that its ending tells; `undefined` where it is none, or is gone. */
export function readHostFile(path: string): HostFile | undefined {
  const text = pathInfo(path)?.kind === 'file' ? readText(path) : undefined;
  if (text === undefined) return undefined;
  if (path.endsWith('.conflist')) return inspectConflist(text, path);
  return path.endsWith('.json') ? inspectNetworkFile(text, path) : undefined;
}

function filesIn(directory: string, ending: string): readonly HostFile[] {
  const names = listNames(directory).filter((name) => name.endsWith(ending));
  return names.flatMap((name) => readHostFile(`${directory}/${name}`) ?? []);
}

/** The files of both kinds, each in the order in which runtimes read them: by name. */
export function readNetworkFiles({ cni, netavark }: NetworkDirectories): readonly HostFile[] {
  return [...filesIn(cni, '.conflist'), ...filesIn(netavark, '.json')];
}

/** All networks flatnet serves on this host. */
export async function findNetworks(): Promise<readonly HostNetwork[]> {
  const conf = readContainersConf();
  const directories = networkDirectories(conf);
  const { inUse } = await inspectBackend(conf, directories);
  return networksIn(readNetworkFiles(directories), inUse);
}

/** Remedy where no network is found: correct the files that look like one, else install. */
function remedyFor(files: readonly HostFile[], otherwise: string): string {
  const suspects = suspectsAmong(files);
  if (suspects.length === 0) return otherwise;
  return suspects.flatMap(({ why, remedy }) => [why, remedy]).join('\n');
}

/**
 * All networks flatnet serves.
 *
 * @param doing completes the sentence "Cannot ...".
 * @throws CliError if there is no network of type flatnet.
 */
export async function requireNetworks(doing: string): Promise<readonly HostNetwork[]> {
  const networks = await findNetworks();
  if (networks.length > 0) return networks;
  const directories = networkDirectories();
  throw new CliError(
    `Cannot ${doing}: there is no network of type flatnet in ${describeDirectories(directories)}`,
    remedyFor(readNetworkFiles(directories), 'sudo flatnet install'),
  );
}

/** @throws CliError where the network of that name is another plugin's or driver's. */
function refuseOther(files: readonly HostFile[], name: string): void {
  const other = files.find((file) => file.kind === 'other' && file.name === name);
  if (other?.kind !== 'other') return;
  throw new CliError(
    `Cannot use network "${name}": ${describeOther(other)} (${other.path})`,
    suspectsAmong([other])[0]?.remedy,
  );
}

/**
 * The network of that name.
 *
 * @throws CliError naming the known networks, and files that look like one.
 */
export async function requireNetwork(name: string): Promise<HostNetwork> {
  const networks = await findNetworks();
  const found = networks.find((network) => network.name === name);
  if (found !== undefined) return found;
  const directories = networkDirectories();
  const files = readNetworkFiles(directories);
  refuseOther(files, name);
  const own = [`${directories.cni}/${name}.conflist`, `${directories.netavark}/${name}.json`];
  const broken = files.find(({ kind, path }) => kind === 'broken' && own.includes(path));
  const names = networks.map((network) => network.name).join(', ');
  throw new CliError(
    `Cannot find network "${name}" in ${describeDirectories(directories)}`,
    names === '' || broken !== undefined
      ? remedyFor(files, 'No network exists yet: sudo flatnet install')
      : `Known networks: ${names}`,
  );
}

/** @throws CliError when there is a network, or a file, of that name. */
export function requireUnused(name: string): void {
  const directories = networkDirectories();
  const files = readNetworkFiles(directories);
  const existing = files.find((file) => file.kind !== 'broken' && file.name === name);
  const paths = [
    existing?.path ?? '',
    `${directories.cni}/${name}.conflist`,
    `${directories.netavark}/${name}.json`,
  ];
  const path = paths.find((one) => one !== '' && pathInfo(one) !== undefined);
  if (path === undefined) return;
  throw new CliError(
    `Cannot create network "${name}": ${path} already exists`,
    `flatnet network inspect ${name}`,
  );
}
