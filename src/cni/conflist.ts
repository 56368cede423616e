import { FlatnetError } from '../input/error.ts';
import { parseNetConf } from './conf/conf.ts';
import { parseEnvelope } from './conf/envelope.ts';
import { type Fields, isFields, parseObject } from '../input/parse.ts';
import { type Problem, problemOf } from '../input/problem.ts';
import type { Bandwidth } from '../veth/bandwidth.ts';
import type { NetworkSpec } from '../attachment/spec.ts';
import { isSupported, SUPPORTED_VERSIONS } from './version.ts';

/** A network flatnet serves, read from its conflist by the plugin's own code. */
export interface FlatnetNetwork {
  readonly kind: 'flatnet';
  /** The backend of Podman that reads such files. */
  readonly backend: 'cni';
  readonly path: string;
  readonly name: string;
  readonly conf: NetworkSpec;
  /** Limits for every container, from the network's own keys. */
  readonly bandwidth: Bandwidth;
  readonly cniVersion: string;
  /** `cniVersions`, from which newer runtimes choose; empty if absent. */
  readonly cniVersions: readonly string[];
  /** Capabilities set to true. */
  readonly capabilities: readonly string[];
  readonly types: readonly string[];
}

/** A file in the network directory: flatnet's, another plugin's, or one that no runtime can read. */
export type ConflistFile =
  | FlatnetNetwork
  | {
      readonly kind: 'other';
      readonly path: string;
      readonly name: string;
      readonly types: readonly string[];
    }
  | { readonly kind: 'broken'; readonly path: string; readonly isOurs: boolean; readonly problem: Problem };

/** No request: only the configuration is parsed. A sysctl may name the interface (`IFNAME`), so there has to be one. */
const NO_ARGS = { containerID: '', ifname: 'eth0', netns: '', args: {}, path: [], env: {} };

function pluginsOf(list: Fields): readonly Fields[] {
  const { plugins } = list;
  if (Array.isArray(plugins) && plugins.length > 0 && plugins.every(isFields)) return plugins;
  throw new FlatnetError('invalid', 'Invalid "plugins" in the network list', {
    details: 'expected a list of plugins, [{"type": "flatnet"}]',
  });
}

function typeOf(plugin: Fields): string {
  const { type } = plugin;
  if (typeof type === 'string') return type;
  throw new FlatnetError('invalid', 'Missing "type" in an entry of "plugins"', {
    details: 'expected the name of the plugin, "flatnet"',
  });
}

function enabledCapabilities(plugin: Fields): readonly string[] {
  const { capabilities } = plugin;
  if (!isFields(capabilities)) return [];
  return Object.keys(capabilities).filter((name) => capabilities[name] === true);
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/**
 * Reads a network list as libcni passes it to the plugin: name and version go into the plugin's own entry.
 * @throws FlatnetError or IpamError `config`, exactly as the plugin would.
 */
export function parseConflist(
  text: string,
  path: string,
): Exclude<ConflistFile, { readonly kind: 'broken' }> {
  const list = parseObject(text, `"${path}"`);
  const plugins = pluginsOf(list);
  const types = plugins.map(typeOf);
  const plugin = plugins[types.indexOf('flatnet')];
  if (plugin === undefined) {
    const name = typeof list['name'] === 'string' ? list['name'] : '';
    return { kind: 'other', path, name, types };
  }
  const entry = { ...plugin, name: list['name'], cniVersion: list['cniVersion'] };
  const envelope = parseEnvelope(JSON.stringify(entry));
  const { network, attachment } = parseNetConf(envelope, NO_ARGS);
  return {
    kind: 'flatnet',
    backend: 'cni',
    path,
    name: envelope.name,
    conf: network,
    bandwidth: attachment.bandwidth,
    cniVersion: envelope.cniVersion,
    cniVersions: textsOf(list['cniVersions']),
    capabilities: enabledCapabilities(plugin),
    types,
  };
}

/** libcni 1.3 and newer call all plugins of a list with the highest version that it names. */
export function highestVersion({ cniVersion, cniVersions }: FlatnetNetwork): string {
  const named = [cniVersion, ...cniVersions].filter(isSupported);
  return SUPPORTED_VERSIONS.findLast((version) => named.includes(version)) ?? cniVersion;
}

/** As parseConflist; what cannot be read is an answer too. */
export function inspectConflist(text: string, path: string): ConflistFile {
  try {
    return parseConflist(text, path);
  } catch (error) {
    const isOurs = /"type"\s*:\s*"flatnet"/.test(text) || /flatnet[^/]*$/.test(path);
    return { kind: 'broken', path, isOurs, problem: problemOf(error) };
  }
}
