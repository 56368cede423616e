import { cpus, loadavg, release } from 'node:os';
import type { Row } from './rows.ts';

/** What the figures of a run are to be read with. */
export interface Circumstances {
  readonly time: string;
  readonly processor: string;
  readonly processors: number;
  readonly kernel: string;
  /** Load of the machine over the last minute when the run began and when it ended. */
  readonly load: readonly [number, number];
  readonly executable: string;
  readonly executableSize: number;
  /** Debian package of each peer and its version. */
  readonly peers: Readonly<Record<string, string>>;
  /** What the run left out, in sentences. */
  readonly notes: readonly string[];
}

/** The part of the circumstances that the machine tells. */
export function machine(): Pick<Circumstances, 'processor' | 'processors' | 'kernel'> {
  const all = cpus();
  return { processor: all[0]?.model ?? 'unknown', processors: all.length, kernel: release() };
}

/** Programs that wanted to run, averaged over the last minute. */
export function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}

const figure = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(1));
const ratio = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(2));

const COLUMNS: Readonly<Record<string, (row: Row) => string>> = {
  what: ({ what }) => what,
  against: ({ against }) => against,
  ours: ({ ours }) => figure(ours.median),
  theirs: ({ theirs, unit }) => `${figure(theirs.median)} ${unit}`,
  ratio: (row) => ratio(row.ratio),
  target: ({ target }) => (target === undefined ? '' : `<= ${ratio(target)}`),
  verdict: ({ holds }) => (holds === undefined ? '' : holds ? 'holds' : 'MISSED'),
  'p95 ours': ({ ours }) => figure(ours.p95),
  theirs_: ({ theirs }) => figure(theirs.p95),
  'cpu ours': ({ ours }) => figure(ours.processorMs),
  theirs__: ({ theirs }) => figure(theirs.processorMs),
  'cpu ratio': ({ processorRatio }) => ratio(processorRatio),
  n: ({ rounds }) => String(rounds),
};

/** The table, as Markdown that reads well in a terminal too. */
export function formatTable(rows: readonly Row[]): string {
  const table = [
    Object.keys(COLUMNS).map((title) => title.replace(/_+$/, '')),
    ...rows.map((row) => Object.values(COLUMNS).map((column) => column(row))),
  ];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((cells) => cells[column]!.length)));
  const [head, ...body] = table.map((cells) =>
    cells
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join(' | '),
  );
  const rule = widths.map((width, column) => (column < 2 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [head, rule.join(' | '), ...body].map((line) => `| ${line} |`).join('\n');
}
