import { printable } from '../../input/printable.ts';
import { troubleOf } from '../doctor/names.ts';
import type { NamesFacts, ServedNames } from '../facts/names.ts';
import type { Io } from '../io.ts';
import { styleFor } from '../text/style.ts';
import { type Column, renderTable } from '../text/table.ts';
import { describeZone } from './export.ts';

const COLUMNS: readonly Column[] = [
  { title: 'ADDRESS' },
  { title: 'NAMES', min: 16 },
  { title: 'DOMAIN' },
  { title: 'NETWORK' },
  { title: 'SERVER' },
];

/** A network whose names are served. */
export interface Served extends ServedNames {
  readonly network: string;
}

export function servedAmong(names: readonly NamesFacts[]): readonly Served[] {
  return names.flatMap(({ network, served }) => (served === undefined ? [] : [{ ...served, network }]));
}

/** One row for each address, as somebody looks for it who has one of the names. */
export function renderNames(served: readonly Served[], io: Io): string {
  const rows = served.flatMap(({ network, program, filled: { zone, records } }) =>
    records.flatMap(({ addresses, names }) =>
      addresses.map((address) => [address, names.join(', '), zone.domain, network, program.kind]),
    ),
  );
  if (rows.length === 0) return '';
  const style = styleFor(io.color);
  const lines = renderTable(rows, { columns: COLUMNS, width: io.columns, title: style.dim });
  return `${lines.join('\n')}\n`;
}

/** For programs: what each network has, by which server, and how that fares. */
export function describeServed({ filled, program, release, state }: Served): object {
  return { ...describeZone(filled), program: { ...program, release }, state: state.condition };
}

/** Sentences about networks of which names do not resolve, or not as they should. */
export function describeTrouble(names: readonly NamesFacts[]): readonly string[] {
  const troubled = servedAmong(names).flatMap((served) => troubleOf(served) ?? []);
  const lacking = names.flatMap(({ network, lacking, served }) =>
    served === undefined && lacking !== undefined ? [`names of "${network}" do not resolve: ${lacking}`] : [],
  );
  return [
    ...troubled.map((sentence) => `Cannot rely on names: ${printable(sentence)}; see flatnet doctor`),
    ...lacking.map((sentence) => `Cannot list all: ${printable(sentence)}; see flatnet doctor`),
  ];
}

/** Why there is nothing to list. */
export function whyNothing(names: readonly NamesFacts[], network: string | undefined): string {
  if (network !== undefined && names.length === 0) {
    return `Network "${network}" has no names: give it the key "names", or make it without --disable-dns`;
  }
  return names.length === 0
    ? 'No network has names: give one the key "names", or make it without --disable-dns'
    : 'No container runs on a network with names';
}
