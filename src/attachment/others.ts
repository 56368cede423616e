import { findNeighbour, isBehindBridge } from '../bridge/neighbours.ts';
import type { TakenBy } from '../ipam/types.ts';
import { readTextFile } from '../sys/files/files.ts';
import { listNames } from '../sys/files/text-file.ts';
import { linkIndex } from '../sys/netlink/link-requests.ts';
import { openNetlink, PROTOCOL } from '../sys/netlink/netlink.ts';
import { isMacOfAddress } from '../veth/mac.ts';
import { macNoted } from './neighbours.ts';
import type { NetConf } from '../cni/types.ts';

/*
 * Addresses that containers of other plugins hold: a network file of the reference chain of which the type was changed
 * still has containers of before on its bridge.
 */

const HOST_LOCAL_DIR = '/var/lib/cni/networks';

/** Where host-local keeps, or kept, a file for each address of a network. */
function hostLocalDirectories({ name, ipam }: NetConf): readonly string[] {
  const own = ipam.kind === 'builtin' ? ipam.dataDir : undefined;
  return [HOST_LOCAL_DIR, ...(own === undefined ? [] : [own])].map((directory) => `${directory}/${name}`);
}

/** Addresses that host-local has files for; its other files are among them. */
export function listedByHostLocal(conf: NetConf): readonly string[] {
  return hostLocalDirectories(conf).flatMap(listNames);
}

function heldByHostLocal(conf: NetConf, address: string, own: string | undefined): string | undefined {
  for (const directory of hostLocalDirectories(conf)) {
    const path = `${directory}/${address}`;
    const text = readTextFile(path);
    const holder = text?.split(/\s/)[0];
    if (holder !== undefined && holder !== own) return `container "${holder}" of host-local (${path})`;
  }
  return undefined;
}

/**
 * Who else than a container of flatnet's answers to an address on the bridge. An address that nobody asked for is left
 * to whoever has answered once; one that was asked for is refused only while the bridge knows his port, for the entry
 * outlives a container that has just been stopped.
 */
function heldByNeighbour(conf: NetConf, address: string, isRequested: boolean): string | undefined {
  using netlink = openNetlink(PROTOCOL.route);
  const bridge = linkIndex(netlink, conf.bridge);
  const neighbour = bridge === undefined ? undefined : findNeighbour(netlink, bridge, address);
  if (bridge === undefined || neighbour === undefined) return undefined;
  const { mac, isPermanent } = neighbour;
  const isOurs = isMacOfAddress(mac) || mac === conf.mac || mac === macNoted(conf, address);
  const isThere = isPermanent || !isRequested || isBehindBridge(netlink, bridge, mac);
  return isOurs || !isThere ? undefined : `the neighbour ${mac} on bridge "${conf.bridge}"`;
}

/**
 * Tells for a network who, not of flatnet's, has an address. Two files and a request for each address that is asked.
 *
 * @param containerID of the container that wants it: what host-local kept for it is its own.
 */
export function othersOf(conf: NetConf, containerID?: string): TakenBy {
  return (address, isRequested) =>
    heldByHostLocal(conf, address, containerID) ?? heldByNeighbour(conf, address, isRequested);
}
