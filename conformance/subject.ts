import { access, constants, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { startCall } from './call.ts';
import { readConfiguration, type PluginConfiguration } from './configuration.ts';
import { createHost, type Host } from './host.ts';
import { planPrivacy, type Privacy } from './privacy.ts';
import { SPEC_VERSIONS } from './versions.ts';

/** The plugin under test, its network configuration, and its claims. */
export interface Subject {
  readonly binary: string;
  readonly name: string;
  /** The chain; one entry if the configuration is a plugin object. */
  readonly plugins: readonly PluginConfiguration[];
  /** Index of the plugin under test in the chain. */
  readonly index: number;
  /** Directories of CNI_PATH. */
  readonly path: readonly string[];
  /** Versions that the plugin claims in VERSION, if the suite knows them; empty if it does not answer. */
  readonly claimed: readonly string[];
  /** Claimed versions that every other plugin involved supports, too. */
  readonly usable: readonly string[];
  /** Every executable involved: the plugin, its neighbours in the chain, the IPAM plugin. */
  readonly executables: readonly string[];
  /** Whether the plugin delegates IPAM. */
  readonly delegated: boolean;
  /** How the configuration's paths on this machine are kept private to a case. */
  readonly privacy: Privacy;
}

/** The command line's options for the subject. */
export interface SubjectOptions {
  readonly plugin: string;
  readonly config: string;
  /** Further directories for CNI_PATH, joined by colons. */
  readonly cniPath?: string | undefined;
  /** As `cniPath`, and declares that the plugin delegates IPAM. */
  readonly ipamPath?: string | undefined;
}

export function pluginUnderTest({ plugins, index }: Subject): PluginConfiguration {
  return plugins[index]!;
}

/** The newest usable version; 1.0.0 if the plugin claims none. */
export function newestUsable({ usable }: Subject): string {
  return usable.at(-1) ?? '1.0.0';
}

/**
 * Version for calls that delegate to the recorder, which supports all: the configured IPAM plugin does not limit it.
 */
export function delegationVersion(subject: Subject): string {
  const newest = newestUsable(subject);
  return subject.plugins.length === 1 ? (subject.claimed.at(-1) ?? newest) : newest;
}

/**
 * Reads the configuration and asks the plugins for their versions.
 * @throws {Error} if plugin or configuration cannot be tested at all.
 */
export async function loadSubject({ plugin, config, cniPath, ipamPath }: SubjectOptions): Promise<Subject> {
  const binary = resolve(plugin);
  const problem = await whyNotExecutable(binary);
  if (problem !== undefined) throw new Error(`Cannot test "${plugin}": ${problem}`);
  const { name, plugins } = await readConfiguration(config);
  const privacy = await planPrivacy(plugins);
  const index = indexOf(plugins, basename(binary), config);
  const directories = [cniPath, ipamPath].flatMap((list) => list?.split(':') ?? []);
  const path = [
    dirname(binary),
    ...directories.filter((directory) => directory !== '').map((part) => resolve(part)),
  ];
  const ipamType = ipamTypeOf(plugins[index]!);
  const foreign = ipamType !== undefined && ipamType !== plugins[index]!.type;
  const others = plugins.filter((_, at) => at !== index).map(({ type }) => type);
  await using host = await createHost();
  const claimed = (await askVersions(host, binary, path)) ?? [];
  const company = await Promise.all(
    [...others, ...(foreign ? [ipamType] : [])].map((type) => meet(host, type, path)),
  );
  return {
    binary,
    name,
    plugins,
    index,
    path,
    claimed,
    usable: inCommon(basename(binary), claimed, company),
    executables: [binary, ...company.map(({ file }) => file)],
    delegated: foreign || ipamPath !== undefined,
    privacy,
  };
}

/** The claimed versions that all others support; a plugin without an answer supports none. */
function inCommon(type: string, claimed: readonly string[], company: readonly Company[]): string[] {
  const common = claimed.filter((version) => company.every(({ versions }) => versions.includes(version)));
  if (claimed.length === 0 || common.length > 0) return common;
  const spoken = [{ file: type, versions: claimed }, ...company].map(
    ({ file, versions }) => `"${basename(file)}" speaks ${versions.join(', ') || 'none'}`,
  );
  throw new Error(`Cannot test "${type}" in this network: no version is common to all: ${spoken.join('; ')}`);
}

function indexOf(plugins: readonly PluginConfiguration[], type: string, file: string): number {
  const index = plugins.findIndex((plugin) => plugin.type === type);
  if (index >= 0) return index;
  // A lone entry can only mean the binary under test, whatever its file name.
  if (plugins.length === 1) return 0;
  throw new Error(`Cannot test "${type}": no plugin of "${file}" has this type`);
}

function ipamTypeOf({ ipam }: PluginConfiguration): string | undefined {
  const type = typeof ipam === 'object' && ipam !== null ? (ipam as { type?: unknown }).type : undefined;
  return typeof type === 'string' ? type : undefined;
}

/** The executable that a runtime would run for a plugin type. */
export async function find(path: readonly string[], type: string): Promise<string | undefined> {
  for (const directory of path) {
    const candidate = join(directory, type);
    if ((await whyNotExecutable(candidate)) === undefined) return candidate;
  }
  return undefined;
}

/** Why a file cannot be executed; nothing if it can. */
export async function whyNotExecutable(file: string): Promise<string | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return 'there is no such file';
  if (!found.isFile()) return 'it is not a file';
  return access(file, constants.X_OK).then(
    () => undefined,
    () => 'it is not executable; set its mode with "chmod +x"',
  );
}

interface Company {
  readonly file: string;
  readonly versions: readonly string[];
}

/** Another required plugin: a neighbour in the chain, or the IPAM plugin. */
async function meet(host: Host, type: string, path: readonly string[]): Promise<Company> {
  const binary = await find(path, type);
  if (binary === undefined) {
    throw new Error(
      `Cannot run the network: there is no executable "${type}" in ${path.join(':')}; name its directory with --cni-path`,
    );
  }
  return { file: binary, versions: (await askVersions(host, binary, path)) ?? SPEC_VERSIONS };
}

async function askVersions(
  host: Host,
  binary: string,
  path: readonly string[],
): Promise<string[] | undefined> {
  await host.expose(binary);
  const { reply } = startCall(host, {
    binary,
    env: { CNI_COMMAND: 'VERSION', CNI_PATH: path.join(':') },
    stdin: '{"cniVersion":"1.0.0"}',
  });
  const { supportedVersions } = ((await reply).document ?? {}) as { supportedVersions?: unknown };
  if (!Array.isArray(supportedVersions)) return undefined;
  return SPEC_VERSIONS.filter((version) => supportedVersions.includes(version));
}
