import { basename } from 'node:path';
import type { NetworkSpec } from '../attachment/spec.ts';
import { FlatnetError } from '../input/error.ts';
import { parseObject } from '../input/parse.ts';
import { type Problem, problemOf } from '../input/problem.ts';
import { checkShape } from '../input/schema.ts';
import type { LinkSettings } from '../sys/netlink/link-settings.ts';
import type { Bandwidth } from '../veth/bandwidth.ts';
import { parseNetwork } from './network/network.ts';
import { NETWORK } from './schema.ts';

/** The word of `podman network create -d`, and the name of the driver's file. */
export const DRIVER = 'flatnet';

/** The driver of addresses that lets flatnet choose them. */
export { OWN_DRIVER as OWN_IPAM } from './network/network.ts';

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
  /** What its options set on the interface of every container. */
  readonly link: LinkSettings;
  /** By key as it was spelled. */
  readonly sysctl: Readonly<Record<string, string>>;
}

/** A file in Podman's directory of networks: one of ours, another driver's, or one that Podman or the driver cannot use. */
export type NetworkFile =
  | DriverNetwork
  | { readonly kind: 'other'; readonly path: string; readonly name: string; readonly driver: string }
  | { readonly kind: 'broken'; readonly path: string; readonly isOurs: boolean; readonly problem: Problem };

/** What stands in a network's file, apart from the driver. */
export interface NetworkFields {
  readonly name: string;
  readonly id: string;
  readonly network_interface: string;
  /** RFC 3339. */
  readonly created: string;
  readonly subnets: readonly object[] | undefined;
  readonly routes?: readonly object[];
  readonly ipv6_enabled: boolean;
  readonly internal: boolean;
  readonly dns_enabled: boolean;
  readonly network_dns_servers?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, string>>;
  readonly ipam_options: Readonly<Record<string, string>>;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** The text that Podman would write: its keys in its order, five blanks deep; empty lists and objects are left out. */
export function formatNetworkFile(fields: NetworkFields): string {
  const { name, id, network_interface, created, subnets, routes, ipv6_enabled, internal, ...rest } = fields;
  const { dns_enabled, network_dns_servers, labels, options, ipam_options } = rest;
  const file = {
    ...{ name, id, driver: DRIVER, network_interface, created, subnets, routes, ipv6_enabled, internal },
    ...{ dns_enabled, network_dns_servers, labels, options, ipam_options },
  };
  const said = Object.entries(file).filter(([, value]) => !isEmpty(value));
  return `${JSON.stringify(Object.fromEntries(said), null, 5)}\n`;
}

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
  const { network, bandwidth, interface: settings, spelledSysctls } = parseNetwork(shape);
  return {
    kind: 'flatnet',
    backend: 'netavark',
    path,
    name: network.name,
    conf: network,
    bandwidth,
    link: settings.link ?? {},
    sysctl: spelledSysctls,
  };
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
