import type { Allocation } from '../../ipam/types.ts';
import type { Io } from '../io.ts';
import { nameOrId } from '../text/container.ts';
import { printable } from '../../input/printable.ts';
import { styleFor } from '../text/style.ts';
import { type Column, renderTable } from '../text/table.ts';
import type { HeldAddress } from './state.ts';

const COLUMNS: readonly Column[] = [
  { title: 'NETWORK', min: 8 },
  { title: 'ADDRESS' },
  { title: 'CONTAINER', min: 12 },
  { title: 'IFNAME' },
  { title: 'HOLDER' },
  { title: 'SINCE', min: 10 },
];

export function nameOf(allocation: Allocation): string {
  return printable(nameOrId(allocation));
}

export function asJson({ allocation, holding }: HeldAddress): object {
  return { ...allocation, holder: holding };
}

export function describeAll(allocations: readonly Allocation[]): string {
  return allocations
    .map((allocation) => `${allocation.network} ${allocation.address} of ${nameOf(allocation)}\n`)
    .join('');
}

export function renderHeld(held: readonly HeldAddress[], io: Io): string {
  if (held.length === 0) return 'No address is in use.\n';
  const cells = held.map(({ allocation, holding }) => [
    allocation.network,
    `${allocation.address}/${allocation.prefix}`,
    nameOf(allocation),
    allocation.ifname,
    holding,
    allocation.time,
  ]);
  const lines = renderTable(cells, { columns: COLUMNS, width: io.columns, title: styleFor(io.color).bold });
  return `${lines.join('\n')}\n`;
}
