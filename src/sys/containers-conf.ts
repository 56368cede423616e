import { parse } from 'smol-toml';
import { listNames, readText } from './files/text-file.ts';

/** From containers.conf(5): table `network`, and of `engine` where Podman finds its programs. */
export interface ContainersConf {
  readonly networkBackend: string | undefined;
  readonly networkDirectory: string | undefined;
  readonly pluginDirectories: readonly string[] | undefined;
  /** Subnet of the network `podman`, which has no network file. */
  readonly defaultSubnet: string | undefined;
  /** Where netavark looks for drivers (`netavark_plugin_dirs`). */
  readonly driverDirectories: readonly string[] | undefined;
  /** Where netavark is looked for. */
  readonly helperDirectories: readonly string[] | undefined;
  /** Files read, in ascending precedence. */
  readonly files: readonly string[];
  /** Files that are not TOML, each with the reason. */
  readonly broken: readonly string[];
}

export const NO_CONTAINERS_CONF: ContainersConf = {
  networkBackend: undefined,
  networkDirectory: undefined,
  pluginDirectories: undefined,
  defaultSubnet: undefined,
  driverDirectories: undefined,
  helperDirectories: undefined,
  files: [],
  broken: [],
};

/** Lowest precedence first. */
const FILES = ['/usr/share/containers/containers.conf', '/etc/containers/containers.conf'];
const DROP_IN = '/etc/containers/containers.conf.d';

type Environment = Readonly<Record<string, string | undefined>>;

function ifGiven(path = ''): readonly string[] {
  return path === '' ? [] : [path];
}

function usualPaths(): readonly string[] {
  const dropIns = listNames(DROP_IN).filter((name) => name.endsWith('.conf'));
  return [...FILES, ...dropIns.map((name) => `${DROP_IN}/${name}`)];
}

/** CONTAINERS_CONF replaces the usual files; CONTAINERS_CONF_OVERRIDE is read after all others (its `pkg/config`). */
function pathsFor(env: Environment): readonly string[] {
  const replacement = ifGiven(env['CONTAINERS_CONF']);
  return [
    ...(replacement.length > 0 ? replacement : usualPaths()),
    ...ifGiven(env['CONTAINERS_CONF_OVERRIDE']),
  ];
}

/** Empty if the file lacks the table. */
export function parseTable(text: string, name: 'network' | 'engine'): Readonly<Record<string, unknown>> {
  const table = parse(text)[name];
  return typeof table === 'object' && !Array.isArray(table) && !(table instanceof Date) ? table : {};
}

function texts(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((entry) => typeof entry === 'string');
}

/** Where netavark looks for drivers unless containers.conf says otherwise: the first that has one wins. */
export const DRIVER_DIRECTORIES = [
  '/usr/local/libexec/netavark',
  '/usr/libexec/netavark',
  '/usr/local/lib/netavark',
  '/usr/lib/netavark',
];

/** `["/dir", {append=true}]` adds to the usual directories, `["/dir"]` replaces them. */
function directoriesOf(value: unknown): readonly string[] | undefined {
  const named = texts(value);
  if (named === undefined || !Array.isArray(value)) return undefined;
  const isAppended = value.some(
    (entry: unknown) =>
      typeof entry === 'object' && entry !== null && 'append' in entry && entry.append === true,
  );
  return isAppended ? [...DRIVER_DIRECTORIES, ...named] : named;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Reads what Podman, started with this environment, would read. */
export function readContainersConf(env: Environment = process.env): ContainersConf {
  let merged: Readonly<Record<string, unknown>> = {};
  const files: string[] = [];
  const broken: string[] = [];
  for (const path of pathsFor(env)) {
    const text = readText(path);
    if (text === undefined) continue;
    try {
      merged = { ...merged, ...parseTable(text, 'engine'), ...parseTable(text, 'network') };
      files.push(path);
    } catch (error) {
      broken.push(
        `${path}: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`,
      );
    }
  }
  return {
    networkBackend: textOf(merged['network_backend']),
    networkDirectory: textOf(merged['network_config_dir']),
    pluginDirectories: texts(merged['cni_plugin_dirs']),
    defaultSubnet: textOf(merged['default_subnet']),
    driverDirectories: directoriesOf(merged['netavark_plugin_dirs']),
    helperDirectories: texts(merged['helper_binaries_dir']),
    files,
    broken,
  };
}
