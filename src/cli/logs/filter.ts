import { CliError } from '../failure.ts';
import type { LogLine } from '../facts/log.ts';
import { type Call, textOf } from '../spec.ts';
import { parseSince } from '../text/format.ts';

/** Which lines are wanted. */
export type LogFilter = (line: LogLine) => boolean;

const LEVELS = ['info', 'warn', 'error'];

function sinceFilter(call: Call, now: Date): LogFilter | undefined {
  const text = textOf(call, 'since');
  if (text === undefined) return undefined;
  const since = parseSince(text, now);
  if (since === undefined) {
    throw new CliError(
      `Cannot use --since "${text}"`,
      'Expected 30s, 5m, 2h, 1d or a time such as 2026-01-31T08:00',
    );
  }
  return ({ time }) => Date.parse(time) >= since.getTime();
}

function grepFilter(call: Call): LogFilter | undefined {
  const pattern = textOf(call, 'grep');
  if (pattern === undefined) return undefined;
  try {
    const expression = new RegExp(pattern, 'i');
    return ({ raw }) => expression.test(raw);
  } catch (error) {
    throw new CliError(`Cannot use --grep "${pattern}": ${error instanceof Error ? error.message : ''}`);
  }
}

function levelFilter(call: Call): LogFilter | undefined {
  const level = textOf(call, 'level');
  if (level === undefined) return undefined;
  const least = LEVELS.indexOf(level);
  if (least < 0) throw new CliError(`Cannot use --level "${level}"`, `Expected ${LEVELS.join(', ')}`);
  return (line) => LEVELS.indexOf(line.level) >= least;
}

/** By name, or by the beginning of an id. */
function containerFilter(wanted: string | undefined): LogFilter | undefined {
  if (wanted === undefined) return undefined;
  return ({ containerName, containerID }) => containerName === wanted || containerID.startsWith(wanted);
}

/** Reads the options; a line has to pass all of them. */
export function filterFrom(call: Call, now: Date): LogFilter {
  const filters = [
    containerFilter(call.args[0]),
    sinceFilter(call, now),
    grepFilter(call),
    levelFilter(call),
  ].filter((filter) => filter !== undefined);
  return (line) => filters.every((filter) => filter(line));
}
