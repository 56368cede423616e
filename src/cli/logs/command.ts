import { LOG_DIRECTORY, LOG_FILE } from '../../attachment/log.ts';
import { followLines } from '../../sys/files/follow.ts';
import { diskUsage } from '../../sys/files/disk.ts';
import { onInterrupt } from '../../sys/process/signals.ts';
import { pathInfo } from '../../sys/files/text-file.ts';
import { CliError } from '../failure.ts';
import { type LogLine, parseLogLine, readLog } from '../facts/log.ts';
import { EXIT, type Io } from '../io.ts';
import { LAYOUT } from '../layout.ts';
import { findLargest } from '../text/remedy.ts';
import { isSet, type Call, textOf } from '../spec.ts';
import { styleFor } from '../text/style.ts';
import { filterFrom, type LogFilter } from './filter.ts';
import { renderLogLine } from './render.ts';

function tailFrom(call: Call): number {
  const text = textOf(call, 'lines') ?? '100';
  const lines = text === 'all' ? Infinity : Number(text);
  if (lines === Infinity || (Number.isInteger(lines) && lines >= 0)) return lines;
  throw new CliError(`Cannot use --lines "${text}"`, 'Expected a number, or all');
}

function printerFor(call: Call, io: Io): (line: LogLine) => void {
  const style = styleFor(io.color);
  return (line) => {
    io.out(isSet(call, 'json') ? `${line.raw}\n` : `${renderLogLine(line, style)}\n`);
  };
}

async function follow(filter: LogFilter, print: (line: LogLine) => void): Promise<void> {
  const controller = new AbortController();
  onInterrupt(() => {
    controller.abort();
  });
  // What was there at the start has been shown.
  const shownUntil = readLog().at(-1)?.time ?? '';
  await followLines({ directory: LOG_DIRECTORY, name: LOG_FILE }, controller.signal, (raw) => {
    const line = parseLogLine(raw);
    if (line !== undefined && line.time > shownUntil && filter(line)) print(line);
  });
}

/** Nothing is in the log before the first container; or nothing could be written, which fails no call. */
function requireLog(): void {
  const { freeBytes, inodesUsedPercent, mountPoint } = diskUsage(LAYOUT.logDirectory);
  if (freeBytes === 0 || inodesUsedPercent >= 100) {
    throw new CliError(
      `Cannot show the log: nothing is in ${LAYOUT.log}, and the file system of ${mountPoint} is full`,
      `Free some space: ${findLargest(mountPoint)}`,
    );
  }
  if (pathInfo(LAYOUT.log) !== undefined) return;
  throw new CliError(`There is no log yet: ${LAYOUT.log}`, 'It is written with the first container.');
}

/** `flatnet logs`. */
export async function logs(call: Call, io: Io): Promise<number> {
  const filter = filterFrom(call, new Date());
  const tail = tailFrom(call);
  const print = printerFor(call, io);
  const isFollowing = isSet(call, 'follow');
  const lines = readLog();
  if (!isFollowing && lines.length === 0) requireLog();
  const found = lines.filter(filter);
  for (const line of tail === 0 ? [] : found.slice(-Math.min(tail, found.length))) print(line);
  const [container] = call.args;
  if (!isFollowing && found.length === 0 && container !== undefined) {
    io.err(`Nothing about "${container}" in ${LAYOUT.log}\n`);
    return EXIT.warnings;
  }
  if (isFollowing) await follow(filter, print);
  return EXIT.ok;
}
