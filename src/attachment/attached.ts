import { splitPrefix } from '../input/address.ts';
import { linkNames } from '../sys/proc.ts';
import { linkAlias } from '../sys/sysctl.ts';
import { parseAlias } from '../veth/alias.ts';
import { isHostIfname } from '../veth/name.ts';

/** An attachment as its host link tells. */
export interface Attached {
  readonly network: string;
  readonly containerID: string;
  readonly ifname: string;
  /** Without prefix length. */
  readonly addresses: readonly string[];
}

/** All that is attached to this host now, of every network, data directory and source of addresses: the links know. */
export function listAttached(): readonly Attached[] {
  return [...linkNames()].filter(isHostIfname).flatMap((name) => {
    const content = parseAlias(linkAlias(name) ?? '');
    if (content === undefined) return [];
    const { network, containerID, ifname, addresses } = content;
    return [{ network, containerID, ifname, addresses: addresses.map((one) => splitPrefix(one).address) }];
  });
}
