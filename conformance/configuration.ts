import { readFile } from 'node:fs/promises';

/** One plugin configuration object (SPEC 1.1.0 §1). */
export interface PluginConfiguration {
  readonly type: string;
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly [key: string]: unknown;
}

/** The network under test; a plugin object becomes a list of one. */
export interface NetworkConfiguration {
  readonly name: string;
  readonly plugins: readonly PluginConfiguration[];
}

/**
 * Reads a network list or a plugin object.
 * @throws {Error} naming the file if it contains neither.
 */
export async function readConfiguration(file: string): Promise<NetworkConfiguration> {
  const refuse = (why: string, cause?: unknown): Error =>
    new Error(`Cannot read the configuration "${file}": ${why}`, { cause });
  const parsed = await readJson(file).catch((cause: unknown) => {
    throw refuse(String(cause), cause);
  });
  if (!isObject(parsed))
    throw refuse(`it holds ${JSON.stringify(parsed)}, not a plugin object or a list with "plugins"`);
  const { name = 'conformance', plugins, ...plugin } = parsed;
  const entries: unknown[] = Array.isArray(plugins) ? plugins : [plugin];
  if (!entries.every(isPlugin)) throw refuse('a plugin object has no "type"');
  return { name: String(name), plugins: entries };
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlugin(value: unknown): value is PluginConfiguration {
  return isObject(value) && typeof value['type'] === 'string';
}
