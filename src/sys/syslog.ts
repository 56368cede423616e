import { spawn } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { findTool } from './tool.ts';

const SOCKET = '/dev/log';
/** journald and rsyslog take this much as one message. */
const SIZE_LIMIT = 32 * 1024;
const TIME_LIMIT_S = 5;

/** Severities of syslog(3) that flatnet uses. */
export type Severity = 'debug' | 'info' | 'warning' | 'err';

/**
 * Hands a line to syslog where there is one, through logger(1): Node has no datagram sockets of the file system. It is
 * not waited for, and `timeout` ends it should syslog hang. The line goes by stdin, where `ps` does not show it.
 */
export function sendToSyslog(tag: string, severity: Severity, line: string): void {
  if (lstatSync(SOCKET, { throwIfNoEntry: false }) === undefined) return;
  const [timeout, logger] = [findTool('timeout'), findTool('logger')];
  if (timeout === undefined || logger === undefined) return;
  const child = spawn(
    timeout,
    [
      `${TIME_LIMIT_S}`,
      logger,
      '--tag',
      tag,
      '--priority',
      `daemon.${severity}`,
      '--size',
      String(SIZE_LIMIT),
    ],
    { cwd: '/', env: {}, detached: true, stdio: ['pipe', 'ignore', 'ignore'] },
  );
  // Failing to log fails nothing else.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined).end(line.slice(0, SIZE_LIMIT));
  child.unref();
}
