import { lstatSync } from 'node:fs';
import { feed } from './process/child.ts';
import { nodeHandles } from './process/node-handles.ts';
import { findTool } from './process/tool.ts';

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
  const { Process, constants: PROCESS } = nodeHandles('process_wrap');
  const { Pipe, constants: PIPE } = nodeHandles('pipe_wrap');
  const [program, stdin] = [new Process(), new Pipe(PIPE.SOCKET)];
  const args = [`${TIME_LIMIT_S}`, logger, '--tag', tag, '--priority', `daemon.${severity}`];
  const stdio = [{ type: 'pipe', handle: stdin }, { type: 'ignore' }, { type: 'ignore' }] as const;
  program.spawn(
    timeout,
    [timeout, ...args, '--size', `${SIZE_LIMIT}`],
    '/',
    [],
    stdio,
    PROCESS.kProcessFlagDetached,
  );
  // Failing to log fails nothing else: whether it was started is not asked.
  feed(stdin, line.slice(0, SIZE_LIMIT));
  for (const handle of [program, stdin]) handle.unref();
}
