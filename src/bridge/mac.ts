import { hashedMac } from '../sys/hashed-mac.ts';
import type { LinkInfo } from '../sys/process/ip.ts';

/** Locally administered, unicast; no container and no host end has it (veth/mac.ts). */
const PREFIX = '06:58';

/**
 * The MAC of a bridge that flatnet makes, of the name and the boot: made again while its containers run, the bridge has
 * the MAC that they remember, and the bridge of that name on another host of the LAN has another one.
 */
export function macForBridge(name: string, bootId: string): string {
  return hashedMac(PREFIX, `${bootId}/${name}`);
}

/**
 * Whether flatnet made the bridge, which its MAC tells: nobody else uses that prefix, and the MAC of a bridge that was
 * given one does not change. What was made by hand keeps what it has, MAC and MTU above all.
 */
export function isOwnBridge({ address }: Pick<LinkInfo, 'address'>): boolean {
  return address?.startsWith(PREFIX) === true;
}
