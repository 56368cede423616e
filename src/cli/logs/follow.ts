import { LOG_DIRECTORY, LOG_FILE } from '../../attachment/log.ts';
import { diskUsage } from '../../sys/files/disk.ts';
import { followLines } from '../../sys/files/follow.ts';
import { pathInfo } from '../../sys/files/text-file.ts';
import { onInterrupt } from '../../sys/process/signals.ts';
import { type LogLine, parseLogLine, readLog } from '../facts/log.ts';
import { CliError } from '../failure.ts';
import { LAYOUT } from '../layout.ts';
import { findLargest } from '../text/remedy.ts';
import type { LogFilter } from './filter.ts';

export async function followLog(filter: LogFilter, print: (line: LogLine) => void): Promise<void> {
  const controller = new AbortController();
  onInterrupt(() => {
    controller.abort();
  });
  // Older lines have been printed already.
  const shownUntil = readLog().at(-1)?.time ?? '';
  await followLines({ directory: LOG_DIRECTORY, name: LOG_FILE }, controller.signal, (raw) => {
    const line = parseLogLine(raw);
    if (line !== undefined && line.time > shownUntil && filter(line)) print(line);
  });
}

/**
 * @throws CliError that explains an empty log: no container has started yet, or the disk is full, which fails no call.
 */
export function requireLog(): void {
  const { freeBytes, inodesUsedPercent, mountPoint } = diskUsage(LAYOUT.logDirectory);
  if (freeBytes === 0 || inodesUsedPercent >= 100) {
    throw new CliError(
      `Cannot show the log: ${LAYOUT.log} is empty, and the file system of ${mountPoint} is full`,
      `Free some space: ${findLargest(mountPoint)}`,
    );
  }
  if (pathInfo(LAYOUT.log) !== undefined) return;
  throw new CliError(`There is no log yet: ${LAYOUT.log}`, 'The first container creates it');
}
