import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { startCall } from '../call.ts';
import { createHost } from '../host.ts';
import { planPrivacy } from '../privacy.ts';
import type { Exposed } from '../runner.ts';
import { isObject } from '../shape.ts';
import { whyNotExecutable } from '../subject.ts';
import { probe, type Seen } from './probe.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A netavark driver under test, the network to test it in, and what it can do. */
export interface Driver extends Exposed {
  readonly binary: string;
  /** The driver's name, which is the file's. */
  readonly type: string;
  /** Keys of the network that the user of `podman network create` chose. */
  readonly asked: Fields;
  /** What the configuration declares the driver to be able to. */
  readonly capabilities: Fields;
  /** "api_version" of `info`; absent if it does not answer. */
  readonly apiVersion: string | undefined;
  /** What one plain container showed. */
  readonly seen: Seen;
}

export interface DriverOptions {
  readonly plugin: string;
  /** A network as `create` gets it, with "capabilities" besides; nothing chosen and nothing declared if absent. */
  readonly config?: string | undefined;
}

/**
 * Reads the configuration and tries the driver out.
 * @throws {Error} if driver or configuration cannot be tested at all.
 */
export async function loadDriver({ plugin, config }: DriverOptions): Promise<Driver> {
  const binary = resolve(plugin);
  const problem = await whyNotExecutable(binary);
  if (problem !== undefined) throw new Error(`Cannot test "${plugin}": ${problem}`);
  const { capabilities = {}, ...asked } = config === undefined ? {} : await readNetwork(config);
  if (!isObject(capabilities))
    throw new Error(`Cannot read the configuration "${config ?? ''}": "capabilities" is no object`);
  const untried = {
    binary,
    type: basename(binary),
    asked,
    capabilities,
    apiVersion: await askVersion(binary),
    executables: [binary],
    privacy: await planPrivacy(asked),
  };
  return { ...untried, seen: await probe(untried) };
}

async function readNetwork(file: string): Promise<Fields> {
  const refuse = (why: string, cause?: unknown): Error =>
    new Error(`Cannot read the configuration "${file}": ${why}`, { cause });
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw refuse(String(cause), cause);
  });
  let network: unknown;
  try {
    network = JSON.parse(text);
  } catch (cause) {
    throw refuse(String(cause), cause);
  }
  if (!isObject(network)) throw refuse(`it holds ${JSON.stringify(network)}, not a network`);
  if ('plugins' in network) throw refuse('it is a list of CNI; a network of netavark has no "plugins"');
  return network;
}

async function askVersion(binary: string): Promise<string | undefined> {
  await using host = await createHost();
  await host.expose(binary);
  const { document } = await startCall(host, { binary, args: ['info'], env: {}, stdin: '' }).reply;
  const version = isObject(document) ? document['api_version'] : undefined;
  return typeof version === 'string' ? version : undefined;
}
