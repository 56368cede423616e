import { forgetMark, readMark, writeMark } from '../sys/files/marks.ts';
import type { Lease } from './leased.ts';
import type { Job, NetworkSpec } from './spec.ts';

/*
 * MACs derive from addresses, so an address that changes hands keeps its MAC and neighbours have nothing to forget. The
 * exception is a requested MAC; a note until the next boot says that neighbours may know the address by it.
 */

function markOf(bridge: string, address: string): string {
  return `mac-${bridge}-${address}`;
}

/** Addresses that neighbours may know under another MAC: the new one must be announced, the old one flushed. */
export function knownByAnotherMac({ network, spec }: Job, { addresses }: Lease): readonly string[] {
  const all = addresses.map(({ address }) => address);
  return spec.mac === undefined
    ? all.filter((each) => readMark(markOf(network.bridge, each)) !== undefined)
    : all;
}

/** The MAC requested by the last holder of an address, if any. */
export function macNoted({ bridge }: NetworkSpec, address: string): string | undefined {
  return readMark(markOf(bridge, address));
}

/** Records the MAC that neighbours know from now on. */
export function noteMac({ network, spec }: Job, addresses: readonly string[]): void {
  for (const address of addresses) {
    if (spec.mac === undefined) forgetMark(markOf(network.bridge, address));
    else writeMark(markOf(network.bridge, address), spec.mac);
  }
}
