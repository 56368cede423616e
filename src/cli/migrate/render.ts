import { printable } from '../../input/printable.ts';
import { nameOf } from '../ipam/describe.ts';
import type { Io } from '../io.ts';
import { asTyped, shellWord } from '../self.ts';
import { nameOrId } from '../text/container.ts';
import { styleFor } from '../text/style.ts';
import { type Column, renderTable } from '../text/table.ts';
import type { Mover } from './containers.ts';
import type { Migration } from './migrate.ts';
import { describeLoss, describeBackend } from './plan.ts';

const COLUMNS: readonly Column[] = [
  { title: 'CONTAINER', min: 12 },
  { title: 'ID' },
  { title: 'ADDRESSES', min: 14 },
  { title: 'STATE' },
];

/** Further names are in the output of --json. */
const NAMES_SHOWN = 10;

/** Lines of which names and files may be a part. */
function plain(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => text.split('\n')).map(printable);
}

function titleOf(mover: Mover): string {
  return nameOrId({ containerName: mover.name, containerID: mover.id });
}

function describeFiles({ write, move, dryRun }: Migration): readonly string[] {
  const [writes, moves] = dryRun ? ['Would write', 'Would move'] : ['Wrote', 'Moved'];
  return [
    ...(write === undefined
      ? []
      : [dryRun ? `${writes} ${write.path}:\n${write.text.trimEnd()}` : `${writes} ${write.path}`]),
    ...(move === undefined ? [] : [`${moves} ${move.from} to ${move.to}`]),
  ];
}

function describeChanges({ lost, freed, dryRun }: Migration): readonly string[] {
  const [loses, frees] = dryRun ? ['Would lose', 'Would free'] : ['Lost', 'Freed'];
  return [
    ...lost.map((loss) => `${loses} ${describeLoss(loss)}`),
    ...freed.map(
      (one) => `${frees} ${one.address} of ${nameOf(one)}, whose container is gone; it is remembered`,
    ),
  ];
}

/** What a container needs besides its name. */
function describeExceptions(movers: readonly Mover[]): readonly string[] {
  return movers.flatMap((mover) => {
    const { name, onlyIfAsked } = mover;
    const addresses = onlyIfAsked.join(' and ');
    return [
      ...(name === undefined ? [`${titleOf(mover)} has no name: made anew it gets another address`] : []),
      ...(name === undefined || onlyIfAsked.length === 0
        ? []
        : [`${name} gets ${addresses} only with --ip: no container is given an address there unasked`]),
    ];
  });
}

function describePresent(movers: readonly Mover[], io: Io): readonly string[] {
  if (movers.length === 0) return [];
  const cells = movers.map((mover) => [
    titleOf(mover),
    mover.id.slice(0, 12),
    mover.addresses.join(', '),
    mover.state,
  ]);
  const names = movers.map((mover) => shellWord(titleOf(mover))).join(' ');
  return [
    '',
    'A container stays what it was made as. Remove each of these and run it again under its name; it gets its address again:',
    ...renderTable(cells, { columns: COLUMNS, width: io.columns, title: styleFor(io.color).bold }),
    ...plain([asTyped(`sudo podman rm -f ${names}`), ...describeExceptions(movers)]),
  ];
}

function describeFormer(movers: readonly Mover[]): readonly string[] {
  if (movers.length === 0) return [];
  const shown = movers.slice(0, NAMES_SHOWN).map((one) => `${titleOf(one)} (${one.addresses.join(', ')})`);
  const more = movers.length - shown.length;
  const rest = more === 0 ? '' : ` and ${more} more (--json lists them)`;
  return ['', `Addresses are remembered for names without a container: ${shown.join(', ')}${rest}`];
}

/** What `flatnet migrate` prints. */
export function renderMigration(migration: Migration, io: Io): string {
  const { network, to, move, dryRun, containers, warnings } = migration;
  const from = describeBackend(to === 'cni' ? 'netavark' : 'cni');
  const head =
    move === undefined
      ? `Network "${network}" is one of ${describeBackend(to)} already.`
      : `${dryRun ? 'Would turn' : 'Turned'} network "${network}" of ${from} into one of ${describeBackend(to)}.`;
  const lines = [
    ...plain([head, ...describeFiles(migration), ...describeChanges(migration)]),
    ...describePresent(
      containers.filter(({ state }) => state !== 'gone'),
      io,
    ),
    ...plain(describeFormer(containers.filter(({ state }) => state === 'gone'))),
    ...plain(warnings.length === 0 ? [] : ['', ...warnings.map(asTyped)]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
