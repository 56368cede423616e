import type { ConflistFile, FlatnetNetwork } from '../../cni/conflist.ts';
import type { Backend } from '../backend.ts';
import type { DriverNetwork, NetworkFile } from '../../netavark/network-file.ts';

/** A network flatnet serves: by a conflist of CNI, or by a file of netavark. */
export type HostNetwork = FlatnetNetwork | DriverNetwork;

/** A file in a directory of networks, of either kind. */
export type HostFile = ConflistFile | NetworkFile;

/** Where they are. */
export interface NetworkDirectories {
  /** Of `*.conflist`. */
  readonly cni: string;
  /** Of `*.json`. */
  readonly netavark: string;
}

/** What a conflist has of one that flatnet serves. */
export function isOfCni(network: HostNetwork): network is FlatnetNetwork {
  return network.backend === 'cni';
}

/**
 * The networks flatnet serves, by both kinds of files.
 *
 * @param backend the one in use: of two files that define one network, its file counts.
 */
export function networksIn(files: readonly HostFile[], backend: Backend | undefined): readonly HostNetwork[] {
  const networks = files.filter((file) => file.kind === 'flatnet');
  const read = networks.filter((network) => network.backend === (backend ?? 'cni'));
  const names = new Set<string>(read.map(({ name }) => name));
  return [...read, ...networks.filter((network) => !read.includes(network) && !names.has(network.name))];
}

/** `/etc/cni/net.d or /etc/containers/networks`. */
export function describeDirectories({ cni, netavark }: NetworkDirectories): string {
  return [...new Set([cni, netavark])].join(' or ');
}

/** The key that names the bridge in a network's file. */
export function bridgeKey({ backend }: HostNetwork): string {
  return backend === 'cni' ? '"bridge"' : '"network_interface"';
}

/** What sets the MTU in a network's file. */
export function mtuSetting({ backend }: HostNetwork, mtu: number): string {
  return backend === 'cni' ? `"mtu": ${mtu}` : `"options": {"mtu": "${mtu}"}`;
}
