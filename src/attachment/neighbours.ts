import { forgetMark, readMark, writeMark } from '../sys/files/marks.ts';
import type { Lease } from './leased.ts';
import type { Job, NetworkSpec } from './spec.ts';

/*
 * MACs are made of addresses, so an address that changes hands keeps its MAC and neighbours have nothing to forget. Only
 * a MAC that was asked for is another one; that the neighbours may know the address by it is noted until the next boot.
 */

function markOf(bridge: string, address: string): string {
  return `mac-${bridge}-${address}`;
}

/** Addresses of an attachment that neighbours may know under another MAC: they have to be told, and to forget. */
export function knownByAnotherMac({ network, spec }: Job, { addresses }: Lease): readonly string[] {
  const all = addresses.map(({ address }) => address);
  return spec.mac === undefined
    ? all.filter((each) => readMark(markOf(network.bridge, each)) !== undefined)
    : all;
}

/** The MAC that was asked for by the last holder of an address, if he asked for one. */
export function macNoted({ bridge }: NetworkSpec, address: string): string | undefined {
  return readMark(markOf(bridge, address));
}

/** Notes what the neighbours know from now on. */
export function noteMac({ network, spec }: Job, addresses: readonly string[]): void {
  for (const address of addresses) {
    if (spec.mac === undefined) forgetMark(markOf(network.bridge, address));
    else writeMark(markOf(network.bridge, address), spec.mac);
  }
}
