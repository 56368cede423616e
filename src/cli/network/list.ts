import type { Facts } from '../facts/facts.ts';
import type { Io } from '../io.ts';
import { describeDirectories } from './host-network.ts';
import { styleFor } from '../text/style.ts';
import { type Column, renderTable } from '../text/table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'NETWORK', min: 12 },
  { title: 'BACKEND' },
  { title: 'SUBNET', min: 14 },
  { title: 'BRIDGE' },
  { title: 'MASQ' },
  { title: 'USED', align: 'right' },
  { title: 'FILE', min: 10 },
];

function rowsOf({ networks }: Facts) {
  return networks.map(({ network, subnets, size, used }) => ({
    name: network.name,
    backend: network.backend,
    subnets,
    bridge: network.conf.bridge,
    ipMasq: network.conf.ipMasq,
    used,
    size: Number(size),
    path: network.path,
  }));
}

export function listJson(facts: Facts): object {
  const broken = facts.files.flatMap((file) =>
    file.kind === 'broken' && file.isOurs ? [{ path: file.path, ...file.problem }] : [],
  );
  return { networks: rowsOf(facts), broken };
}

export function renderList(facts: Facts, io: Io): string {
  const cells = rowsOf(facts).map(({ name, backend, subnets, bridge, ipMasq, used, size, path }) => [
    name,
    backend,
    subnets.length === 0 ? '(other IPAM)' : subnets.join(', '),
    bridge,
    ipMasq ? 'yes' : 'no',
    `${used}/${size}`,
    path,
  ]);
  if (cells.length === 0) return `No network of type flatnet in ${describeDirectories(facts.directories)}.\n`;
  const lines = renderTable(cells, { columns: COLUMNS, width: io.columns, title: styleFor(io.color).bold });
  return `${lines.join('\n')}\n`;
}
