import type { FlatnetError } from '../input/error.ts';
import type { Context } from '../sys/context.ts';
import { appendLine } from '../sys/files/files.ts';
import { sendToSyslog, type Severity } from '../sys/syslog.ts';
import type { Trace } from './context.ts';

/** Directory of the log, one line of JSON for each call. */
export const LOG_DIRECTORY = '/var/log/flatnet';
/** The file in it. */
export const LOG_FILE = 'cni.log';
const TAG = 'flatnet';

/** From the most to the least talkative; `FLATNET_LOG_LEVEL` names one of them. */
const LEVELS = ['debug', 'info', 'warn', 'error', 'off'] as const;

/** From which level on calls are logged. `debug` adds to each the commands it ran. */
export type Level = (typeof LEVELS)[number];

const SEVERITIES: Readonly<Record<Level, Severity>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warning',
  error: 'err',
  off: 'err',
};

/** One call, as its log line tells it. */
export interface LogEntry {
  readonly verb: string;
  readonly network: string | undefined;
  readonly containerID: string | undefined;
  readonly ifname: string | undefined;
  readonly ms: number;
  readonly trace: Trace;
  readonly error: FlatnetError | undefined;
  /** The number the protocol gives the error, where it has numbers. */
  readonly code: number | undefined;
}

/** The level a text names; `info` for none and for anything else. */
export function parseLevel(text: string | undefined): Level {
  return LEVELS.find((level) => level === text?.toLowerCase()) ?? 'info';
}

/** How bad a call went. */
export function levelOf({ error, trace }: LogEntry): Level {
  if (error !== undefined) return 'error';
  return trace.warnings.length > 0 ? 'warn' : 'info';
}

function isLogged(entry: LogEntry, wanted: Level): boolean {
  return LEVELS.indexOf(levelOf(entry)) >= LEVELS.indexOf(wanted);
}

/** What the caller sent may not have been checked before the call failed. */
const VALUE_LIMIT = 256;

function cut(text: string | undefined, limit: number): string | undefined {
  return text === undefined || text.length <= limit ? text : `${text.slice(0, limit)}...`;
}

const TEXT_LIMIT = 2_000;
/** Both tables with all of their rules have room. */
const COMMAND_LIMIT = 8_000;

/** A delegated plugin gets its whole configuration on stdin, which is not ours to tell. */
function commandFields({ trace }: LogEntry) {
  return trace.commands.map(({ input, stderr, ...ran }) => ({
    ...ran,
    command: cut(ran.command, COMMAND_LIMIT),
    input: ran.command.startsWith('/') ? undefined : cut(input, TEXT_LIMIT),
    stderr: cut(stderr, TEXT_LIMIT),
  }));
}

/** The line: one JSON object. Commands are in it when something went wrong, and always at level `debug`. */
export function formatLogLine(entry: LogEntry, time: Date, wanted: Level): string {
  const { trace, error } = entry;
  const level = levelOf(entry);
  const withCommands = level !== 'info' || wanted === 'debug';
  return JSON.stringify({
    time: time.toISOString(),
    level,
    verb: cut(entry.verb, VALUE_LIMIT),
    network: entry.network,
    containerID: cut(entry.containerID, VALUE_LIMIT),
    ifname: cut(entry.ifname, VALUE_LIMIT),
    ...trace.facts,
    ms: entry.ms,
    steps: trace.steps,
    ...(trace.warnings.length > 0 ? { warnings: trace.warnings } : {}),
    ...(error === undefined ? {} : { code: entry.code, msg: error.message, details: error.details }),
    ...(withCommands ? { commands: commandFields(entry) } : {}),
  });
}

/** Writes the line of a call to the log file and to syslog, each if it can. Nothing of it ever fails the call. */
export function logCall(entry: LogEntry, wanted: Level, ctx: Pick<Context, 'plain'>): void {
  if (!isLogged(entry, wanted)) return;
  const line = formatLogLine(entry, new Date(), wanted);
  for (const write of [
    () => {
      appendLine(LOG_DIRECTORY, LOG_FILE, line);
    },
    () => {
      sendToSyslog({ tag: TAG, severity: SEVERITIES[levelOf(entry)], line }, ctx);
    },
  ]) {
    try {
      write();
    } catch {
      // There is no other channel: stdout carries the answer, and Podman discards stderr.
    }
  }
}
