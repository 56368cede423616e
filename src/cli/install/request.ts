import { dirname } from 'node:path';
import { DRIVER } from '../../netavark/network-file.ts';
import { readContainersConf } from '../../sys/containers-conf.ts';
import { subnetsOf } from '../facts/pools.ts';
import { CliError } from '../failure.ts';
import { type Layout, layoutUnder } from '../layout.ts';
import { networkDirectories } from '../network/directory.ts';
import { canonical, defaultGateway } from '../network/choose.ts';
import { firstOverlap } from '../../attachment/choose-subnet.ts';
import { type HostNetwork, networksIn } from '../network/host-network.ts';
import { readNetworkFiles } from '../network/find.ts';
import type { NetworkRequest } from '../network/request.ts';
import { DEFAULT_NETWORK, type NetworkOptions } from '../network/template.ts';

/** The layout an installation works on; on this machine, networks and driver go where Podman looks for them. */
export function layoutFor(root = '/'): Layout {
  if (!root.startsWith('/')) throw new CliError(`Cannot install under "${root}": expected an absolute path`);
  const layout = layoutUnder(root);
  if (layout.root !== '/') return layout;
  const conf = readContainersConf();
  const { cni, netavark } = networkDirectories(conf);
  const [first] = conf.driverDirectories ?? [];
  const isUsual = first === undefined || conf.driverDirectories?.includes(dirname(layout.driver)) === true;
  return {
    ...layout,
    networkDirectory: cni,
    driverNetworkDirectory: netavark,
    // With netavark_plugin_dirs netavark looks nowhere else.
    driver: isUsual ? layout.driver : `${first}/${DRIVER}`,
  };
}

/** The networks of an installation. */
export function networksUnder(layout: Layout): readonly HostNetwork[] {
  const { networkDirectory: cni, driverNetworkDirectory: netavark } = layout;
  return networksIn(readNetworkFiles({ cni, netavark }), undefined);
}

/** @throws CliError if another network has the bridge or subnet: both would allocate the same addresses. */
export function networkToInstall(
  name = DEFAULT_NETWORK.name,
  request: NetworkRequest,
  present: readonly HostNetwork[],
): NetworkOptions {
  const { subnet = DEFAULT_NETWORK.subnet, gateway, bridge = DEFAULT_NETWORK.bridge } = request;
  const network = {
    name,
    bridge,
    subnet,
    gateway: gateway === undefined ? defaultGateway(subnet) : canonical(gateway),
    ipMasq: !request.noMasq,
    hasNames: !request.disableDns,
  };
  refuseClash(network, present);
  return network;
}

function refuseClash(network: NetworkOptions, present: readonly HostNetwork[]): void {
  const others = present.filter(({ name }) => name !== network.name);
  for (const { name, path, conf } of others) {
    const overlap = firstOverlap(network.subnet, subnetsOf(conf));
    const shared = [
      ...(conf.bridge === network.bridge ? [{ option: '--bridge', what: `bridge "${conf.bridge}"` }] : []),
      ...(overlap === undefined ? [] : [{ option: '--subnet', what: overlap }]),
    ];
    if (shared.length === 0) continue;
    const what = shared.map((one) => one.what).join(' and ');
    throw new CliError(
      `Cannot install network "${network.name}": network "${name}" (${path}) has ${what}`,
      `Give it a ${shared.map(({ option }) => option).join(' and a ')} of its own.`,
    );
  }
}
