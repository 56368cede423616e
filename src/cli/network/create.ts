import { splitPrefix } from '../../input/address.ts';
import type { Context } from '../../sys/context.ts';
import { readContainersConf } from '../../sys/containers-conf.ts';
import type { Backend } from '../backend.ts';
import { inspectBackend } from '../facts/backend.ts';
import { gatewaysOf, subnetsOf } from '../facts/pools.ts';
import { chooseBackend } from '../install/choose.ts';
import { installConflist } from '../install/install.ts';
import { networkDirectories } from './directory.ts';
import { askedOf, createDriverNetwork } from './driver-network.ts';
import { requireUnused } from './find.ts';
import { completeRequest, type NetworkRequest } from './request.ts';

/** A network that was made. */
export interface Created {
  readonly name: string;
  readonly backend: Backend;
  readonly path: string;
  readonly bridge: string;
  /** CIDR texts. */
  readonly subnets: readonly string[];
  /** The first of them, and its gateway. */
  readonly subnet: string;
  readonly gateway: string;
  readonly ipMasq: boolean;
}

/** What was typed. */
export interface CreateRequest extends NetworkRequest {
  readonly backend: Backend | undefined;
  /** Use the subnet even if it overlaps. */
  readonly force: boolean;
}

/** The directory that the network's file goes to, and the context of the command. */
interface Place {
  readonly directory: string;
  readonly ctx: Context;
}

async function createForNetavark(
  name: string,
  request: CreateRequest,
  { directory, ctx }: Place,
): Promise<Created> {
  const asked = askedOf(name, request, request.force);
  const { path, conf } = await createDriverNetwork(asked, { directory }, ctx);
  const subnets = subnetsOf(conf);
  const [gateway = ''] = gatewaysOf(conf);
  return {
    name,
    backend: 'netavark',
    path,
    bridge: conf.bridge,
    subnets,
    subnet: subnets[0] ?? '',
    gateway: splitPrefix(gateway).address,
    ipMasq: conf.ipMasq,
  };
}

async function createForCni(
  name: string,
  request: CreateRequest,
  { directory, ctx }: Place,
): Promise<Created> {
  const network = await completeRequest(name, request, ctx);
  const { path } = installConflist({ directory, network, force: false, now: new Date() });
  return { ...network, backend: 'cni', path, subnets: [network.subnet] };
}

/**
 * Makes a network of the kind that Podman on this host reads.
 *
 * @throws CliError or FlatnetError where there is one of that name, or its subnet is taken.
 */
export async function createNetwork(name: string, request: CreateRequest, ctx: Context): Promise<Created> {
  const conf = readContainersConf();
  const directories = networkDirectories(conf);
  requireUnused(name);
  const { backend } = chooseBackend(await inspectBackend(conf, directories), request.backend);
  return backend === 'cni'
    ? createForCni(name, request, { directory: directories.cni, ctx })
    : createForNetavark(name, request, { directory: directories.netavark, ctx });
}
