import { formatAddress } from '../input/address.ts';
import { keyOf } from './key.ts';
import { dynamicValues } from './range.ts';
import type { State } from './state.ts';
import type { Range } from './types.ts';

export interface Search {
  readonly network: string;
  /** Whether the address may be given. */
  readonly isOpen: (address: string) => boolean;
}

/** The first dynamic address of a range, in numeric order, that the network is not known to have used. */
export function neverUsed(state: State, range: Range, { network, isOpen }: Search): string | undefined {
  for (const value of dynamicValues(range)) {
    const address = formatAddress({ family: range.family, value });
    const key = keyOf(network, address);
    if (!state.allocations.has(key) && !state.released.has(key) && isOpen(address)) return address;
  }
  return undefined;
}
