import type { FlatnetError } from '../input/error.ts';
import type { Context } from '../sys/context.ts';
import { appendLine } from '../sys/files/files.ts';
import { sendToSyslog, type Severity } from '../sys/syslog.ts';
import type { Trace } from './context.ts';

/** One line of JSON per call. */
export const LOG_DIRECTORY = '/var/log/flatnet';
export const LOG_FILE = 'cni.log';
const TAG = 'flatnet';

/** From most to least verbose; `FLATNET_LOG_LEVEL` names one of them. */
const LEVELS = ['debug', 'info', 'warn', 'error', 'off'] as const;

/** Calls below this level are not logged. `debug` adds to each the commands it ran. */
export type Level = (typeof LEVELS)[number];

const SEVERITIES: Readonly<Record<Level, Severity>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warning',
  error: 'err',
  off: 'err',
};

export interface LogEntry {
  readonly verb: string;
  readonly network: string | undefined;
  readonly containerID: string | undefined;
  readonly ifname: string | undefined;
  readonly ms: number;
  readonly trace: Trace;
  readonly error: FlatnetError | undefined;
  /** The protocol's number for the error, where it has numbers. */
  readonly code: number | undefined;
}

/** `info` for an absent or unknown name. */
export function parseLevel(text: string | undefined): Level {
  return LEVELS.find((level) => level === text?.toLowerCase()) ?? 'info';
}

export function levelOf({ error, trace }: LogEntry): Level {
  if (error !== undefined) return 'error';
  return trace.warnings.length > 0 ? 'warn' : 'info';
}

function isLogged(entry: LogEntry, wanted: Level): boolean {
  return LEVELS.indexOf(levelOf(entry)) >= LEVELS.indexOf(wanted);
}

/** In UTF-16 code units. The caller's values may not have been validated before the call failed. */
const VALUE_LIMIT = 256;

function cut(text: string | undefined, limit: number): string | undefined {
  return text === undefined || text.length <= limit ? text : `${text.slice(0, limit)}...`;
}

const TEXT_LIMIT = 2_000;
/** Room for both tables with all their rules. */
const COMMAND_LIMIT = 8_000;

/** Omits the stdin of delegated plugins: it is their whole configuration, which is not ours to log. */
function commandFields({ trace }: LogEntry) {
  return trace.commands.map(({ input, stderr, ...ran }) => ({
    ...ran,
    command: cut(ran.command, COMMAND_LIMIT),
    input: ran.command.startsWith('/') ? undefined : cut(input, TEXT_LIMIT),
    stderr: cut(stderr, TEXT_LIMIT),
  }));
}

/** One JSON object. Commands are included when something went wrong, and always at level `debug`. */
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

/** Writes to the log file and to syslog. A failure to write never fails the call. */
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
      // No channel is left to report it: stdout carries the answer, and Podman discards stderr.
    }
  }
}
