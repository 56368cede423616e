import type { Io } from '../io.ts';
import { count } from '../text/format.ts';
import { styleFor, type Style } from '../text/style.ts';
import { printable } from '../../input/printable.ts';
import { pad, wrap } from '../text/table.ts';
import type { Summary } from './diagnose.ts';
import { CATEGORIES, type Finding, type Status } from './finding.ts';

const MARKS: Readonly<Record<Status, string>> = { pass: '✓', warning: '!', fail: '✗', skipped: '–' };
const LONGEST = 110;

function tint(style: Style, status: Status): (text: string) => string {
  return { pass: style.good, warning: style.notable, fail: style.bad, skipped: style.dim }[status];
}

interface Sheet {
  readonly style: Style;
  readonly names: number;
  readonly width: number;
}

function indented(text: string, sheet: Sheet, mark: string): readonly string[] {
  const left = 4 + sheet.names + 2;
  return wrap(printable(text), Math.max(20, sheet.width - left - 2)).map((line, index) =>
    `${' '.repeat(left)}${index === 0 ? mark : ' '} ${line}`.trimEnd(),
  );
}

function renderFinding(finding: Finding, sheet: Sheet): readonly string[] {
  const { style, names, width } = sheet;
  const { status, name, message, effect, suggestion } = finding;
  const left = 4 + names + 2;
  const [first = '', ...rest] = wrap(printable(message), Math.max(20, width - left));
  const isTrouble = status === 'fail' || status === 'warning';
  const dim = status === 'skipped' ? style.dim : (text: string) => text;
  return [
    `  ${tint(style, status)(MARKS[status])} ${dim(pad(name, names))}  ${dim(first)}`,
    ...rest.map((line) => `${' '.repeat(left)}${dim(line)}`),
    ...(isTrouble && effect !== undefined ? indented(effect, sheet, ' ').map((line) => style.dim(line)) : []),
    // A command line is never wrapped, so that it can be copied.
    ...(isTrouble && suggestion !== undefined
      ? [`${' '.repeat(left)}${style.dim('→')} ${style.command(printable(suggestion))}`]
      : []),
  ];
}

function renderSummary({ passed, warnings, failed, skipped }: Summary, style: Style): string {
  const parts = [
    style.good(`${passed} passed`),
    warnings > 0 ? style.notable(count(warnings, 'warning')) : `${warnings} warnings`,
    failed > 0 ? style.bad(`${failed} failed`) : `${failed} failed`,
    ...(skipped > 0 ? [style.dim(`${skipped} skipped`)] : []),
  ];
  return `Summary: ${parts.join(', ')}`;
}

/** Repeats the names below the list, which may be longer than a screen. */
function renderNames(findings: readonly Finding[], style: Style): string {
  const named = (wanted: Status, tinted: (text: string) => string) =>
    findings.flatMap(({ status, category, name }) =>
      status === wanted ? [tinted(`${category}/${name}`)] : [],
    );
  const names = [...new Set([...named('fail', style.bad), ...named('warning', style.notable)])];
  return names.length === 0 ? '' : `Look at: ${names.join(', ')}\n`;
}

export function renderFindings(findings: readonly Finding[], summary: Summary, io: Io): string {
  const style = styleFor(io.color);
  const names = Math.max(...findings.map(({ name }) => name.length));
  const sheet = { style, names, width: Math.min(io.columns, LONGEST) };
  const sections = CATEGORIES.flatMap((category) => {
    const own = findings.filter((finding) => finding.category === category);
    return own.length === 0
      ? []
      : [[style.bold(category), ...own.flatMap((finding) => renderFinding(finding, sheet))].join('\n')];
  });
  return `${sections.join('\n\n')}\n\n${renderSummary(summary, style)}\n${renderNames(findings, style)}`;
}

/** Only warnings and failures, one line each, for cron and scripts. */
export function renderQuietly(findings: readonly Finding[]): string {
  const words: Partial<Record<Status, string>> = { warning: 'WARN', fail: 'FAIL' };
  return findings
    .flatMap(({ status, category, name, message, suggestion }) => {
      const word = words[status];
      if (word === undefined) return [];
      const line = `[${word}] ${category}/${name}: ${message}`;
      return suggestion === undefined ? [line] : [line, `  -> ${suggestion}`];
    })
    .map((line) => `${line}\n`)
    .join('');
}
