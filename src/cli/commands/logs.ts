import { defineCommand } from '../command.ts';
import { CliError } from '../failure.ts';
import { EXIT } from '../io.ts';
import { filterFor, LEVELS } from '../logs/filter.ts';
import { flag, oneOf, optionalArgument, parsed, parsedOr } from '../option.ts';
import { parseSince } from '../text/format.ts';

function parseCount(typed: string): number {
  const lines = typed === 'all' ? Infinity : Number(typed);
  if (lines === Infinity || (Number.isInteger(lines) && lines >= 0)) return lines;
  throw new CliError(`Cannot use --lines "${typed}"`, 'Expected a number, or all');
}

function parseTime(typed: string): Date {
  const since = parseSince(typed, new Date());
  if (since !== undefined) return since;
  throw new CliError(
    `Cannot use --since "${typed}"`,
    'Expected 30s, 5m, 2h, 1d or a time such as 2026-01-31T08:00',
  );
}

function parsePattern(typed: string): RegExp {
  try {
    return new RegExp(typed, 'i');
  } catch (error) {
    throw new CliError(`Cannot use --grep "${typed}": ${error instanceof Error ? error.message : ''}`);
  }
}

export const LOGS = defineCommand({
  name: 'logs',
  summary: 'show the calls of the plugin and their results',
  args: { container: optionalArgument('name, or beginning of the id', 'containers') },
  options: {
    follow: flag('print new lines as they are written', 'f'),
    lines: parsedOr(
      { short: 'n', value: 'count', description: 'number of lines to show, or "all"', fallback: '100' },
      parseCount,
    ),
    since: parsed(
      { value: 'time', description: 'only lines since 30s, 5m, 2h or 1d ago, or since a time' },
      parseTime,
    ),
    grep: parsed(
      { value: 'pattern', description: 'only lines that match this regular expression' },
      parsePattern,
    ),
    level: parsed({ value: 'level', description: 'lowest level to show: info, warn or error' }, (typed) =>
      oneOf(LEVELS, typed, '--level'),
    ),
    json: flag('print the lines as JSON, as they are in the file'),
  },
  examples: ['sudo flatnet logs web1', 'sudo flatnet logs --level error --since 1d', 'sudo flatnet logs -f'],
  rootBecause: 'reads /var/log/flatnet',
  async run({ container, follow, lines, since, grep, level, json }, io) {
    const { readLog } = await import('../facts/log.ts');
    const { followLog, requireLog } = await import('../logs/follow.ts');
    const { printerFor } = await import('../logs/render.ts');
    const filter = filterFor({ container, since, grep, level });
    const print = printerFor(json, io);
    const all = readLog();
    if (!follow && all.length === 0) requireLog();
    const found = all.filter(filter);
    for (const line of lines === 0 ? [] : found.slice(-lines)) print(line);
    if (follow) await followLog(filter, print);
    else if (found.length === 0 && container !== undefined) {
      const { LAYOUT } = await import('../layout.ts');
      io.err(`No line about "${container}" in ${LAYOUT.log}\n`);
      return EXIT.warnings;
    }
    return EXIT.ok;
  },
});
