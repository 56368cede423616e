import { formatAddress } from '../input/address.ts';
import { keyOf } from './state/ledger.ts';
import { isDynamic, spanContains } from './range.ts';
import type { State } from './state.ts';
import type { Range } from './types.ts';

/** Below it, every dynamic address of the range has been used in the network. */
interface Floor {
  readonly network: string;
  readonly value: bigint;
}

/** How far states were searched; a search of a state that came of another begins where that one's ended. */
const floors = new WeakMap<State, Map<Range, Floor>>();

/** Says that whatever was used in the one state is used in the other, which came of it. */
export function carryFloors(from: State, to: State): State {
  const known = floors.get(from);
  if (known !== undefined) {
    floors.set(to, new Map(known));
  }
  return to;
}

export interface Search {
  readonly network: string;
  /** Whether the address may be given. */
  readonly isOpen: (address: string) => boolean;
}

/** The first dynamic address of a range, in numeric order, that nobody ever had as far as is known. */
export function neverUsed(state: State, range: Range, { network, isOpen }: Search): string | undefined {
  const known = floors.get(state)?.get(range);
  let isFloor = true;
  for (const value of dynamicValues(range, known?.network === network ? known.value : range.dynamic.first)) {
    const address = formatAddress({ family: range.family, value });
    const key = keyOf(network, address);
    if (state.allocations.has(key) || state.released.has(key)) {
      continue;
    }
    if (isFloor) {
      floors.set(state, (floors.get(state) ?? new Map<Range, Floor>()).set(range, { network, value }));
    }
    // One that is kept for somebody else is passed over, and the next search has to see it again.
    isFloor = false;
    if (isOpen(address)) {
      return address;
    }
  }
  return undefined;
}

function* dynamicValues(range: Range, from: bigint): Generator<bigint> {
  for (let value = from; value <= range.dynamic.last; value += 1n) {
    const skip = range.exclude.find((span) => spanContains(span, value));
    if (skip !== undefined) {
      value = skip.last;
    } else if (isDynamic(range, value)) {
      yield value;
    }
  }
}
