import { basename } from 'node:path';
import type { NetworkSpec } from '../attachment/spec.ts';
import { FlatnetError } from '../input/error.ts';
import { parseObject } from '../input/parse.ts';
import { type Problem, problemOf } from '../input/problem.ts';
import { checkShape } from '../input/schema.ts';
import type { Bandwidth } from '../veth/bandwidth.ts';
import { parseNetwork } from './network/network.ts';
import { NETWORK } from './schema.ts';

/** The word of `podman network create -d`, and the name of the driver's file. */
export const DRIVER = 'flatnet';

/** A network of driver "flatnet", read from Podman's file by the driver's own code. */
export interface DriverNetwork {
  readonly kind: 'flatnet';
  /** The backend of Podman that reads such files. */
  readonly backend: 'netavark';
  readonly path: string;
  readonly name: string;
  readonly conf: NetworkSpec;
  /** Limits that its options give every container. */
  readonly bandwidth: Bandwidth;
}

/** A file in Podman's directory of networks: one of ours, another driver's, or one that Podman or the driver cannot use. */
export type NetworkFile =
  | DriverNetwork
  | { readonly kind: 'other'; readonly path: string; readonly name: string; readonly driver: string }
  | { readonly kind: 'broken'; readonly path: string; readonly isOurs: boolean; readonly problem: Problem };

/** Whether Podman takes a text for the id of a network; it skips a file with any other. */
export function isNetworkId(id: string): boolean {
  return /^[0-9a-f]{64}$/.test(id);
}

/** Podman skips a file whose name is not its network's, or whose id is none. */
function refuseUnread(
  fields: { readonly name: string; readonly id?: string | undefined },
  path: string,
): void {
  if (`${fields.name}.json` !== basename(path)) {
    throw new FlatnetError('invalid', `Invalid "name" in "${path}": "${fields.name}"`, {
      details: `Podman skips a file that has not the name of its network: expected "${basename(path, '.json')}"`,
    });
  }
  if (isNetworkId(fields.id ?? '')) return;
  throw new FlatnetError('invalid', `Invalid "id" in "${path}": "${fields.id ?? ''}"`, {
    details: 'Podman skips a file without an id of 64 hexadecimal digits',
  });
}

/**
 * Reads a file of Podman's networks.
 *
 * @throws FlatnetError as the driver would for what it is given, and for what Podman would skip.
 */
export function parseNetworkFile(
  text: string,
  path: string,
): Exclude<NetworkFile, { readonly kind: 'broken' }> {
  const fields = parseObject(text, `"${path}"`);
  const { driver, name } = fields;
  if (driver !== DRIVER) {
    return {
      kind: 'other',
      path,
      name: typeof name === 'string' ? name : '',
      driver: typeof driver === 'string' ? driver : '',
    };
  }
  const shape = checkShape(NETWORK, fields, `"${path}"`);
  refuseUnread(shape, path);
  const { network, bandwidth } = parseNetwork(shape);
  return { kind: 'flatnet', backend: 'netavark', path, name: network.name, conf: network, bandwidth };
}

/** As parseNetworkFile(); what cannot be read is an answer too. */
export function inspectNetworkFile(text: string, path: string): NetworkFile {
  try {
    return parseNetworkFile(text, path);
  } catch (error) {
    const isOurs = /"driver"\s*:\s*"flatnet"/.test(text) || /flatnet[^/]*$/.test(path);
    return { kind: 'broken', path, isOurs, problem: problemOf(error) };
  }
}
