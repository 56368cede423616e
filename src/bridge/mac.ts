import { hashedMac } from '../sys/hashed-mac.ts';
import type { LinkInfo } from '../sys/process/ip.ts';

/** Locally administered, unicast; no container or host end has this prefix (veth/mac.ts). */
const PREFIX = '06:58';

/**
 * MAC derived from name and boot: a recreated bridge keeps the MAC that its running containers have in their neighbour
 * tables, while a bridge of that name on another host of the LAN gets a different one.
 */
export function macForBridge(name: string, bootId: string): string {
  return hashedMac(PREFIX, `${bootId}/${name}`);
}

/** True by the prefix of flatnet's MACs. A bridge made by hand keeps its settings, MAC and MTU above all. */
export function isOwnBridge({ address }: Pick<LinkInfo, 'address'>): boolean {
  return address?.startsWith(PREFIX) === true;
}
