import { basename } from 'node:path';
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import type { Group, Requirement } from '../case.ts';
import type { PluginFacts } from '../protocol.ts';
import type { CaseReport, Listener, Outcome } from '../runner.ts';
import { SECTIONS } from '../sections.ts';
import { failedIds, lastLine, type FamilyReport, type Report } from './report.ts';

type Style = Parameters<typeof styleText>[0];

const MARKS: Record<Outcome, { readonly mark: string; readonly style: Style }> = {
  passed: { mark: '✓', style: 'green' },
  failed: { mark: '✗', style: 'red' },
  broken: { mark: '!', style: 'magenta' },
  skipped: { mark: '–', style: 'gray' },
};

/** Output of a run; colours and the live line appear only on a terminal. */
export type Screen = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export interface Telling {
  readonly screen: Screen;
  readonly families: readonly Group[];
  readonly total: number;
}

/** A listener that prints a row for each case and, on a terminal, a live line below. */
export function tellOnTerminal({ screen, families, total }: Telling): Listener & { close(): void } {
  const paint = painter(screen);
  const running = new Set<Requirement>();
  const begun = performance.now();
  let [done, failed, heading, reason] = [0, 0, '', ''];
  const drawLive = (): void => {
    if (screen.isTTY !== true || running.size === 0) return;
    const bar = progressBar(done / total);
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    const names = [...running].map(({ id }) => id).join(', ');
    const text = `${bar} ${done}/${total}  ${failed} failed  ${seconds} s  ${names}`;
    screen.write(`\r\u001B[2K${text.slice(0, (screen.columns ?? 80) - 1)}`);
  };
  const print = (line: string): void => {
    screen.write(`${screen.isTTY === true ? '\r\u001B[2K' : ''}${line}\n`);
  };
  const timer = setInterval(drawLive, 200);
  return {
    started(entry) {
      running.add(entry);
      drawLive();
    },
    finished(report) {
      running.delete(report.case);
      done += 1;
      if (isFailure(report)) failed += 1;
      const title = families.find(({ cases }) => cases.includes(report.case))?.title ?? '';
      if (title !== heading) print(`\n${paint('bold', title)}`);
      heading = title;
      const repeated = report.outcome === 'skipped' && report.message === reason;
      if (report.outcome === 'skipped') reason = report.message;
      for (const line of describeRow(report, { paint, repeated })) print(line);
      drawLive();
    },
    close() {
      clearInterval(timer);
      if (screen.isTTY === true) screen.write('\r\u001B[2K');
    },
  };
}

export interface Preamble {
  readonly plugin: PluginFacts;
  /** What the plugin claims, in one line. */
  readonly claims: string;
  /** The file of the configuration, if there is one. */
  readonly config: string | undefined;
  /** Paths that all cases share. */
  readonly shared: readonly string[];
}

/** The text before the first case. */
export function describeSubject({ plugin, claims, config, shared }: Preamble, screen: Screen): string {
  const paint = painter(screen);
  const warnings = shared.map(
    (path) => `All cases share "${path}", which the configuration names and the kernel owns.\n`,
  );
  const network = config === undefined ? '' : `  with ${basename(config)}`;
  const first = `${paint('bold', plugin.type)}  ${plugin.binary}${network}`;
  return `${first}\n${paint('gray', claims)}\n${paint('yellow', warnings.join(''))}`;
}

/** The text after the last case; its last line is for scripts. */
export function describeEnd(report: Report, screen: Screen): string {
  const paint = painter(screen);
  const { failed, failedMust } = report.summary;
  const width = Math.max(0, ...report.families.map(({ title }) => title.length));
  const rows = report.families.map((family) => describeFamily(family, width, paint));
  const verdict =
    failed === 0
      ? paint('green', 'Nothing that applies to this plugin failed.')
      : `Failed: ${paint(failedMust > 0 ? 'red' : 'yellow', describeFailed(report.summary))}`;
  // In the syntax of --only.
  const ids = [...failedIds(report)].map(
    ([grade, failures]) => `  ${grade.padEnd(8)}  ${failures.join(',')}\n`,
  );
  const seconds = (report.durationMs / 1000).toFixed(1);
  const interrupted =
    report.notRun === 0
      ? ''
      : paint('yellow', `Interrupted: ${report.notRun} cases were not run to their end.\n`);
  return `\n${rows.join('\n')}\n\n${interrupted}${verdict}  in ${seconds} s\n${ids.join('')}${lastLine(report.summary)}\n`;
}

function describeFailed({ failedMust, failedShould, failedPractice }: Report['summary']): string {
  return `${failedMust} MUST, ${failedShould} SHOULD, ${failedPractice} of practice`;
}

type Paint = (style: Style, text: string) => string;

/** styleText() itself checks NO_COLOR, FORCE_COLOR and whether the stream is a terminal. */
function painter(screen: Screen): Paint {
  return (style, text) => styleText(style, text, { stream: screen });
}

function describeFamily({ title, summary, cases }: FamilyReport, width: number, paint: Paint): string {
  const count = (value: number, word: string, style: Style): string => {
    const text = `${String(value).padStart(4)} ${word}`;
    return paint(value === 0 ? 'gray' : style, text);
  };
  const ms = cases.reduce((sum, entry) => sum + entry.ms, 0);
  return [
    `  ${title.padEnd(width)}`,
    count(summary.passed, 'passed', 'green'),
    count(summary.failed, 'failed', 'red'),
    count(summary.skipped, 'skipped', 'yellow'),
    `${(ms / 1000).toFixed(1).padStart(7)} s`,
  ].join(' ');
}

function describeRow(report: CaseReport, { paint, repeated }: { paint: Paint; repeated: boolean }): string[] {
  const { case: entry, outcome, message, ms } = report;
  const { mark, style } = MARKS[outcome];
  const time = outcome === 'skipped' ? '' : `${ms.toFixed(0)} ms`;
  const row = [
    ' ',
    paint(style, mark),
    entry.id.padEnd(9),
    paint(entry.severity === 'MUST' ? 'bold' : 'reset', entry.severity.padEnd(6)),
    paint('gray', time.padStart(8)),
    '',
    paint(outcome === 'skipped' ? 'gray' : 'reset', entry.title),
  ].join(' ');
  if (outcome === 'passed' || repeated) return [row];
  const indent = ' '.repeat(30);
  if (outcome === 'skipped') return [row, paint('gray', `${indent}skipped: ${message}`)];
  const { label, url } = SECTIONS[entry.section];
  const prefix = outcome === 'broken' ? 'the case could not be carried through: ' : '';
  return [
    row,
    ...`${prefix}${message}`.split('\n').map((line) => `${indent}${paint(style, line)}`),
    paint('gray', `${indent}${label}  ${url}`),
  ];
}

function isFailure({ outcome }: CaseReport): boolean {
  return outcome === 'failed' || outcome === 'broken';
}

function progressBar(part: number): string {
  const full = Math.round(part * 20);
  return `▕${'█'.repeat(full)}${'░'.repeat(20 - full)}▏`;
}
