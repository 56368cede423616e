import {
  completeForImage,
  completeNewNetwork,
  type NewNetwork,
  type Stamp,
} from '../../netavark/new-network.ts';
import type { DriverNetwork } from '../../netavark/network-file.ts';
import { readContainersConf } from '../../sys/containers-conf.ts';
import type { Context } from '../../sys/context.ts';
import { replaceText } from '../../sys/files/text-file.ts';
import { CliError } from '../failure.ts';
import { canonical, defaultGateway } from './choose.ts';
import type { NetworkRequest } from './request.ts';

/**
 * What was typed, in the words of `podman network create`.
 *
 * @throws CliError for a gateway without the subnet that it is of, or a subnet that is none.
 */
export function askedOf(
  name: string,
  { subnet, gateway, bridge, noMasq, disableDns }: NetworkRequest,
  force: boolean,
): NewNetwork {
  if (gateway !== undefined && subnet === undefined) {
    throw new CliError(
      `Cannot use gateway "${gateway}" without a subnet`,
      `name both: --subnet 10.87.9.0/24 --gateway 10.87.9.1`,
    );
  }
  // Says what a subnet looks like before anything is asked of the host.
  if (subnet !== undefined) defaultGateway(subnet);
  return {
    name,
    subnet,
    gateway: gateway === undefined ? undefined : canonical(gateway),
    bridge,
    hasNames: !disableDns,
    options: {
      ...(noMasq ? { masquerade: 'false' } : {}),
      ...(force ? { 'allow-overlap': 'true' } : {}),
    },
  };
}

/** Where the file of a network goes, and the stamp of the one that it replaces. */
export interface DriverPlace {
  readonly directory: string;
  readonly stamp?: Stamp | undefined;
}

/** Makes a network of netavark in an image, without a look at the host it is built on. */
export function createImageNetwork(asked: NewNetwork, { directory, stamp }: DriverPlace): void {
  const path = `${directory}/${asked.name}.json`;
  replaceText(path, completeForImage(asked, path, stamp).text, 0o644);
}

/**
 * Makes a network of netavark: Podman reads the directory at each call, so its file is all there is to make.
 *
 * @throws FlatnetError as `podman network create -d flatnet` would.
 */
export async function createDriverNetwork(
  asked: NewNetwork,
  { directory, stamp }: DriverPlace,
  ctx: Context,
): Promise<DriverNetwork> {
  const path = `${directory}/${asked.name}.json`;
  const conf = readContainersConf();
  const { text, network } = await completeNewNetwork(asked, { path, conf, stamp }, ctx);
  replaceText(path, text, 0o644);
  return network;
}
