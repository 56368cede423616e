import { readFile, access } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { startCall } from './call.ts';
import { createHost, type Host } from './host.ts';
import { SPEC_VERSIONS } from './versions.ts';

/** One plugin configuration object (SPEC 1.1.0 §1). */
export interface PluginConfiguration {
  readonly type: string;
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly [key: string]: unknown;
}

/** The plugin under test, in the network configuration it is tested with, and what it claims. */
export interface Subject {
  readonly binary: string;
  /** The network's name. */
  readonly name: string;
  /** The chain; one entry when the configuration is a plugin object. */
  readonly plugins: readonly PluginConfiguration[];
  /** Which entry of the chain is under test. */
  readonly index: number;
  /** The directories of CNI_PATH. */
  readonly path: readonly string[];
  /** What VERSION of the plugin claims, as far as the suite knows those versions; empty when it does not answer. */
  readonly claimed: readonly string[];
  /** The claimed versions that every other plugin involved speaks as well. */
  readonly usable: readonly string[];
  /** Every executable involved: the plugin, its neighbours in the chain, the IPAM plugin. */
  readonly executables: readonly string[];
  /** Whether the plugin has another one manage addresses. */
  readonly delegated: boolean;
}

/** What the command line says about the subject. */
export interface SubjectOptions {
  readonly plugin: string;
  readonly config: string;
  readonly ipamPath?: string | undefined;
}

/** The configuration of the plugin under test. */
export function pluginUnderTest({ plugins, index }: Subject): PluginConfiguration {
  return plugins[index]!;
}

/** The newest version that can be used with the plugin; 1.0.0 when it claims none. */
export function newestUsable({ usable }: Subject): string {
  return usable.at(-1) ?? '1.0.0';
}

/** The version for calls that delegate to the recorder, which speaks all: what the configured IPAM plugin speaks is no matter. */
export function delegationVersion(subject: Subject): string {
  const newest = newestUsable(subject);
  return subject.plugins.length === 1 ? (subject.claimed.at(-1) ?? newest) : newest;
}

/**
 * Reads the configuration and asks the plugins for their versions.
 *
 * @throws {Error} when the plugin or the configuration cannot be used for a test at all.
 */
export async function loadSubject({ plugin, config, ipamPath }: SubjectOptions): Promise<Subject> {
  const binary = resolve(plugin);
  await access(binary).catch((cause: unknown) => {
    throw new Error(`Cannot test "${plugin}": there is no such file`, { cause });
  });
  const { name, plugins } = await readConfiguration(config);
  const index = indexOf(plugins, basename(binary), config);
  const path = [dirname(binary), ...(ipamPath === undefined ? [] : [resolve(ipamPath)])];
  const ipamType = ipamTypeOf(plugins[index]!);
  const foreign =
    ipamType !== undefined && ipamType !== plugins[index]!.type && (await find(path, ipamType)) !== undefined;
  const company = [
    ...plugins.filter((_, at) => at !== index).map(({ type }) => type),
    ...(foreign ? [ipamType] : []),
  ];
  await using host = await createHost();
  const claimed = (await askVersions(host, binary, path)) ?? [];
  const spoken = await Promise.all(company.map((type) => versionsOf(host, type, path)));
  return {
    binary,
    name,
    plugins,
    index,
    path,
    claimed,
    usable: claimed.filter((version) => spoken.every(({ versions }) => versions.includes(version))),
    executables: [binary, ...spoken.map(({ file }) => file)],
    delegated: foreign || ipamPath !== undefined,
  };
}

async function readConfiguration(file: string): Promise<{ name: string; plugins: PluginConfiguration[] }> {
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    throw new Error(`Cannot read the configuration "${file}": ${String(cause)}`, { cause });
  }
  const { name = 'conformance', plugins, ...plugin } = parsed;
  const entries = Array.isArray(plugins)
    ? (plugins as PluginConfiguration[])
    : [plugin as PluginConfiguration];
  return { name: String(name), plugins: entries };
}

function indexOf(plugins: readonly PluginConfiguration[], type: string, file: string): number {
  const index = plugins.findIndex((plugin) => plugin.type === type);
  if (index >= 0) return index;
  // A lone entry can only mean the binary under test, whatever that is called on disk.
  if (plugins.length === 1) return 0;
  throw new Error(`Cannot test "${type}": no plugin of "${file}" has this type`);
}

function ipamTypeOf({ ipam }: PluginConfiguration): string | undefined {
  const type = typeof ipam === 'object' && ipam !== null ? (ipam as { type?: unknown }).type : undefined;
  return typeof type === 'string' ? type : undefined;
}

/** The executable a runtime would run for a plugin type. */
export async function find(path: readonly string[], type: string): Promise<string | undefined> {
  for (const directory of path) {
    const candidate = join(directory, type);
    const exists = await access(candidate).then(
      () => true,
      () => false,
    );
    if (exists) return candidate;
  }
  return undefined;
}

interface Company {
  readonly file: string;
  readonly versions: readonly string[];
}

async function versionsOf(host: Host, type: string, path: readonly string[]): Promise<Company> {
  const binary = await find(path, type);
  if (binary === undefined) {
    throw new Error(
      `Cannot run the chain: there is no "${type}" in ${path.join(':')}; name its directory with --ipam-path`,
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
