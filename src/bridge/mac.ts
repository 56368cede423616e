import { hashedMac } from '../sys/hashed-mac.ts';
import type { LinkInfo } from '../sys/process/ip.ts';

/** Locally administered, unicast; differs from the prefixes of containers and host ends (veth/mac.ts). */
const PREFIX = '06:58';

/**
 * The MAC of a bridge that flatnet makes, derived from its name and the boot: remade while its containers run, the bridge
 * keeps the MAC in their neighbour tables; a bridge of that name on another host of the LAN has another one.
 */
export function macForBridge(name: string, bootId: string): string {
  return hashedMac(PREFIX, `${bootId}/${name}`);
}

/**
 * Whether flatnet made the bridge, by the prefix of its MAC: once set, the MAC of a bridge does not change. A bridge made by
 * hand keeps its settings, MAC and MTU above all.
 */
export function isOwnBridge({ address }: Pick<LinkInfo, 'address'>): boolean {
  return address?.startsWith(PREFIX) === true;
}
