import { parseConflist } from '../../cni/conflist.ts';
import { type Fields, isFields, parseObject } from '../../input/parse.ts';
import { parseNetworkFile } from '../../netavark/network-file.ts';
import type { Backend } from '../backend.ts';
import { CliError } from '../failure.ts';
import type { HostNetwork } from '../network/host-network.ts';
import { shellWord } from '../self.ts';
import { settingsOfPlugin } from './interface-settings.ts';
import { type Loss, objectAt, textsAt } from './loss.ts';
import type { Moved } from './meaning.ts';

/** A network's file, read for a move. */
export interface Source {
  readonly backend: Backend;
  readonly path: string;
  /** The file as it is, without keys that say nothing. */
  readonly fields: Fields;
  readonly moved: Moved;
  /** What reading it for a move has lost already. */
  readonly losses: readonly Loss[];
}

/** Where Podman's CNI keeps labels: libcni passes over `args`. */
export const LABELS = 'podman_labels';

function refuse(name: string, reason: string, remedy: string): CliError {
  return new CliError(`Cannot migrate network "${name}": ${reason}`, remedy);
}

/** For a file that is not flatnet's: the one to be moved, or one that is in the way. */
function asideRemedy(path: string): string {
  return `flatnet moves networks of its own; where the file is in the way: sudo mv ${shellWord(path)} ${shellWord(`${path}.bak`)}`;
}

function movedOf(
  { name, conf, bandwidth }: HostNetwork,
  { labels, settings }: Pick<Moved, 'labels' | 'settings'>,
): Moved {
  const { ipam } = conf;
  if (ipam.from !== 'source') return { name, conf: { ...conf, ipam }, bandwidth, settings, labels };
  if (conf.disableContainerInterface === true) {
    const remedy =
      'make the network anew, with the option "disable-container-interface" or the key "disableContainerInterface"';
    throw refuse(name, 'its containers have no addresses', remedy);
  }
  throw refuse(
    name,
    `its addresses come from the IPAM plugin "${ipam.type}"`,
    'a network of netavark has subnets; give it "ranges" of its own in place of "ipam.type"',
  );
}

/** The entry of flatnet, which is the first of the list. */
export function pluginOf(fields: Fields): Fields {
  const { plugins } = fields;
  const first: unknown = Array.isArray(plugins) ? plugins[0] : undefined;
  return isFields(first) ? first : {};
}

/**
 * host-local's ranges are spelled as flatnet's own, so that flatnet can give addresses of them.
 *
 * @returns the list without the type, and what that loses; `undefined` where another plugin gives the addresses.
 */
function withoutHostLocal(fields: Fields): Pick<Source, 'fields' | 'losses'> | undefined {
  const plugin = pluginOf(fields);
  const { type, dataDir, ...ipam } = objectAt(plugin, 'ipam');
  if (type !== 'host-local') return undefined;
  const why =
    'flatnet gives the addresses; which container had which of host-local is not remembered by name';
  const directory = 'host-local keeps its addresses there, flatnet its own in /var/lib/flatnet/ipam';
  const rest: readonly unknown[] = Array.isArray(fields['plugins']) ? fields['plugins'].slice(1) : [];
  return {
    fields: { ...fields, plugins: [{ ...plugin, ipam }, ...rest] },
    losses: [
      { key: 'ipam.type', value: type, why },
      ...(dataDir === undefined ? [] : [{ key: 'ipam.dataDir', value: dataDir, why: directory }]),
    ],
  };
}

function readList(fields: Fields, path: string): HostNetwork {
  const list = parseConflist(JSON.stringify(fields), path);
  if (list.kind === 'flatnet' && list.types[0] === 'flatnet') return list;
  const [first = ''] = list.types;
  throw refuse(list.name, `the first plugin of ${path} is "${first}"`, asideRemedy(path));
}

/**
 * Reads a conflist.
 *
 * @throws FlatnetError as the plugin would; CliError where flatnet is not first, or another plugin gives the addresses.
 */
export function readConflistSource(text: string, path: string): Source {
  const whole = parseObject(text, `"${path}"`);
  const { fields, losses } = withoutHostLocal(whole) ?? { fields: whole, losses: [] };
  const labels = textsAt(objectAt(fields, 'args'), LABELS);
  const moved = movedOf(readList(fields, path), { labels, settings: settingsOfPlugin(pluginOf(fields)) });
  return { backend: 'cni', path, fields, moved, losses };
}

/**
 * Reads a network of netavark.
 *
 * @throws FlatnetError as the driver would; CliError where it is another driver's.
 */
export function readNetavarkSource(text: string, path: string): Source {
  const network = parseNetworkFile(text, path);
  if (network.kind === 'other') {
    throw refuse(network.name, `the driver of ${path} is "${network.driver}"`, asideRemedy(path));
  }
  const fields = parseObject(text, `"${path}"`);
  const settings = { ...network.link, sysctl: network.sysctl };
  return {
    backend: 'netavark',
    path,
    fields,
    moved: movedOf(network, { labels: textsAt(fields, 'labels'), settings }),
    losses: [],
  };
}
