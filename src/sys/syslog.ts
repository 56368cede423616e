import { closeSync, statSync, writeSync } from 'node:fs';
import { hasCode } from './files/state-file.ts';
import type { Context } from './context.ts';
import { connectSocket, FAMILY, openSocket, TYPE } from './libc.ts';
import { findTool } from './process/tool.ts';
import { unixAddress } from './socket-address.ts';

const SOCKET = '/dev/log';
/** In bytes; journald and rsyslog accept this much as one message. */
const SIZE_LIMIT = 32 * 1024;
const LOGGER_TIME_LIMIT_S = 5;

const DAEMON = 3 << 3;
/** Severities of syslog(3) that flatnet uses. */
const SEVERITIES = { err: 3, warning: 4, info: 6, debug: 7 } as const;
export type Severity = keyof typeof SEVERITIES;

export interface SyslogMessage {
  readonly tag: string;
  readonly severity: Severity;
  readonly line: string;
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** RFC 3164, in local time, truncated to the daemons' limit. */
export function formatMessage({ tag, severity, line }: SyslogMessage, time: Date): Buffer {
  const day = String(time.getDate()).padStart(2);
  const timestamp = `${MONTHS[time.getMonth()] ?? ''} ${day} ${time.toTimeString().slice(0, 8)}`;
  const text = `<${DAEMON | SEVERITIES[severity]}>${timestamp} ${tag}: ${line}`;
  return Buffer.from(text).subarray(0, SIZE_LIMIT);
}

function sendThrough(type: number, message: Buffer): void {
  const fd = openSocket({ family: FAMILY.unix, type });
  try {
    connectSocket(fd, unixAddress(SOCKET));
    writeSync(fd, message);
  } finally {
    closeSync(fd);
  }
}

/** The socket does not block: a busy daemon loses the message instead of delaying the call. */
function send(message: Buffer): void {
  try {
    sendThrough(TYPE.datagram, message);
  } catch (error) {
    if (!hasCode(error, 'EPROTOTYPE')) throw error;
    // This daemon listens for streams, in which syslog(3) ends each message with a zero.
    sendThrough(TYPE.stream, Buffer.concat([message, Buffer.of(0)]));
  }
}

/**
 * Sends a message through logger(1), for a Node that cannot open such a socket. The call does not wait for it, and
 * `timeout` ends it if syslog hangs. The line goes to stdin, where `ps` does not show it.
 */
function sendByLogger({ tag, severity, line }: SyslogMessage): void {
  const [timeout, logger] = [findTool('timeout'), findTool('logger')];
  if (timeout === undefined || logger === undefined) return;
  const args = ['--tag', tag, '--priority', `daemon.${severity}`, '--size', `${SIZE_LIMIT}`];
  const child = process
    .getBuiltinModule('node:child_process')
    .spawn(timeout, [`${LOGGER_TIME_LIMIT_S}`, logger, ...args], {
      cwd: '/',
      env: {},
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
  for (const emitter of [child, child.stdin]) emitter.on('error', () => undefined);
  child.stdin.end(line.slice(0, SIZE_LIMIT));
  child.unref();
}

/**
 * Does nothing on a host without a syslog daemon.
 * @throws SystemCallError or an error of `node:fs` if the daemon does not accept the message.
 */
export function sendToSyslog(message: SyslogMessage, { plain }: Pick<Context, 'plain'>): void {
  if (statSync(SOCKET, { throwIfNoEntry: false })?.isSocket() !== true) return;
  if (plain === undefined) send(formatMessage(message, new Date()));
  else sendByLogger(message);
}
