import { forgetMark, readMark, writeMark } from '../sys/files/marks.ts';
import type { Lease } from './lease.ts';
import type { Request } from '../cni/request.ts';
import type { NetConf } from '../cni/types.ts';

/*
 * MACs are made of addresses, so an address that changes hands keeps its MAC and neighbours have nothing to forget. Only
 * a MAC that was asked for is another one; that the neighbours may know the address by it is noted until the next boot.
 */

function markOf(bridge: string, address: string): string {
  return `mac-${bridge}-${address}`;
}

/** Addresses of an attachment that neighbours may know under another MAC: they have to be told, and to forget. */
export function knownByAnotherMac({ conf }: Request, { addresses }: Lease): readonly string[] {
  const all = addresses.map(({ address }) => address);
  return conf.mac === undefined
    ? all.filter((each) => readMark(markOf(conf.bridge, each)) !== undefined)
    : all;
}

/** The MAC that was asked for by the last holder of an address, if he asked for one. */
export function macNoted({ bridge }: NetConf, address: string): string | undefined {
  return readMark(markOf(bridge, address));
}

/** Notes what the neighbours know from now on. */
export function noteMac({ conf }: Request, addresses: readonly string[]): void {
  for (const address of addresses) {
    if (conf.mac === undefined) forgetMark(markOf(conf.bridge, address));
    else writeMark(markOf(conf.bridge, address), conf.mac);
  }
}
