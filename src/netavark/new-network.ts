import type { Context } from '../sys/context.ts';
import type { ContainersConf } from '../sys/containers-conf.ts';
import { completeNetwork } from './network/complete.ts';
import { lookForTaken, type Taken } from './network/taken.ts';
import { type DriverNetwork, DRIVER, formatNetworkFile, parseNetworkFile } from './network-file.ts';
import { refuseOldNetavark } from './release.ts';

/** What a person asks of a new network; the rest is chosen as `podman network create -d flatnet` would. */
export interface NewNetwork {
  readonly name: string;
  /** CIDR text. */
  readonly subnet: string | undefined;
  readonly gateway: string | undefined;
  readonly bridge: string | undefined;
  /** Whether names of its containers resolve. */
  readonly hasNames: boolean;
  /** As `-o` of Podman gives them. */
  readonly options: Readonly<Record<string, string>>;
}

/** The text of a network's file, and what the driver reads from it. */
export interface NewNetworkFile {
  readonly text: string;
  readonly network: DriverNetwork;
}

/** Podman gives every network 32 random bytes. */
export function randomId(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex');
}

/** What Podman adds to an answer of `create`. */
export interface Stamp {
  readonly id: string;
  /** RFC 3339. */
  readonly created: string;
}

/** The stamp of a network that is new now. */
export function newStamp(): Stamp {
  return { id: randomId(), created: new Date().toISOString() };
}

/** Where the file goes, and its stamp. */
interface Placed extends Stamp {
  readonly path: string;
}

/**
 * Plans the file that Podman would keep of a new network: its keys, their order and its indentation.
 *
 * @throws FlatnetError as `create` of the driver does.
 */
export function planNetworkFile(
  asked: NewNetwork,
  taken: Taken,
  { path, id, created }: Placed,
): NewNetworkFile {
  const { name, subnet, gateway, bridge, hasNames, options } = asked;
  const subnets =
    subnet === undefined ? {} : { subnets: [{ subnet, ...(gateway === undefined ? {} : { gateway }) }] };
  const shape = {
    name,
    id,
    ...(bridge === undefined ? {} : { network_interface: bridge }),
    ...subnets,
    dns_enabled: hasNames,
    options,
  };
  const { network_interface, subnets: completed, ipv6_enabled, ipam_options } = completeNetwork(shape, taken);
  const text = formatNetworkFile({
    name,
    id,
    network_interface,
    created,
    subnets: completed,
    ipv6_enabled,
    internal: false,
    dns_enabled: hasNames,
    options,
    ipam_options,
  });
  const network = parseNetworkFile(text, path);
  if (network.kind !== 'flatnet') throw new Error(`the network "${name}" is not of driver "${DRIVER}"`);
  return { text, network };
}

/** What an image has to leave alone: nothing of the host it is built on. */
const NOTHING_TAKEN: Taken = { subnets: [], bridges: [], links: [], leftovers: [] };

/** As completeNewNetwork(), for an image. */
export function completeForImage(asked: NewNetwork, path: string, stamp = newStamp()): NewNetworkFile {
  return planNetworkFile(asked, NOTHING_TAKEN, { path, ...stamp });
}

/** What a network's file is made with. */
export interface Completing {
  readonly path: string;
  readonly conf: ContainersConf;
  /** Of a file that it replaces; by default a new one. */
  readonly stamp?: Stamp | undefined;
}

/**
 * Plans the file of a new network on this host.
 *
 * @throws FlatnetError naming what is wrong, or who has it already, and what is free; also where netavark knows no drivers.
 */
export async function completeNewNetwork(
  asked: NewNetwork,
  { path, conf, stamp = newStamp() }: Completing,
  ctx: Context,
): Promise<NewNetworkFile> {
  await refuseOldNetavark(conf, ctx);
  const taken = await lookForTaken(asked.name, conf, ctx);
  return planNetworkFile(asked, taken, { path, ...stamp });
}
