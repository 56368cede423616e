import { findNeighbour, isBehindBridge } from '../bridge/neighbours.ts';
import type { TakenBy } from '../ipam/types.ts';
import { readTextFile } from '../sys/files/files.ts';
import { listNames } from '../sys/files/text-file.ts';
import { indexOf, openLinks } from '../sys/kernel.ts';
import { isMacOfAddress } from '../veth/mac.ts';
import { macNoted } from './neighbours.ts';
import type { Context } from '../sys/context.ts';
import type { AttachmentSpec, NetworkSpec } from './spec.ts';

/*
 * Addresses held by containers of other plugins: after a network file of the reference chain changes its type, the
 * earlier containers are still on the bridge.
 */

const HOST_LOCAL_DIR = '/var/lib/cni/networks';

/** host-local keeps a file here for each address of a network. */
function hostLocalDirectories({ name, ipam }: NetworkSpec): readonly string[] {
  const own = ipam.from !== 'source' ? ipam.dataDir : undefined;
  return [HOST_LOCAL_DIR, ...(own === undefined ? [] : [own])].map((directory) => `${directory}/${name}`);
}

/** Names of host-local's files: addresses, and a few others. */
export function listedByHostLocal(network: NetworkSpec): readonly string[] {
  return hostLocalDirectories(network).flatMap(listNames);
}

function heldByHostLocal(network: NetworkSpec, address: string, own: string | undefined): string | undefined {
  for (const directory of hostLocalDirectories(network)) {
    const path = `${directory}/${address}`;
    const text = readTextFile(path);
    const holder = text?.split(/\s/)[0];
    if (holder !== undefined && holder !== own) return `container "${holder}" of host-local (${path})`;
  }
  return undefined;
}

/** The container that wants an address; empty to check only the network. */
export type Wanted = Partial<Pick<AttachmentSpec, 'containerID' | 'mac'>>;

interface Question {
  readonly network: NetworkSpec;
  readonly address: string;
  readonly isRequested: boolean;
  readonly mac: string | undefined;
}

/**
 * The neighbour on the bridge, other than a flatnet container, that has the address. An address that was not requested
 * is left to any neighbour seen with it; a requested one is refused only while the bridge knows the neighbour's port,
 * because the entry outlives a container that has just been stopped.
 */
function heldByNeighbour(
  { network, address, isRequested, mac: own }: Question,
  ctx: Context,
): string | undefined {
  using kernel = openLinks(ctx);
  const index = indexOf(kernel, network.bridge);
  if (index === undefined) return undefined;
  const bridge = { name: network.bridge, index };
  const neighbour = findNeighbour(kernel, bridge, address);
  if (neighbour === undefined) return undefined;
  const { mac, isPermanent } = neighbour;
  const isOurs = isMacOfAddress(mac) || mac === own || mac === macNoted(network, address);
  const isThere = isPermanent || !isRequested || isBehindBridge(kernel, bridge, mac);
  return isOurs || !isThere ? undefined : `the neighbour ${mac} on bridge "${network.bridge}"`;
}

/**
 * Looks up the holder of an address outside flatnet. Costs two file reads and one request per address.
 * @param wanted the container that wants it: its own host-local entry and MAC do not count as a holder.
 */
export function othersOf(network: NetworkSpec, wanted: Wanted, ctx: Context): TakenBy {
  return (address, isRequested) =>
    heldByHostLocal(network, address, wanted.containerID) ??
    heldByNeighbour({ network, address, isRequested, mac: wanted.mac }, ctx);
}
