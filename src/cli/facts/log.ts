import { isFields } from '../../input/parse.ts';
import { listNames, readText } from '../../sys/files/text-file.ts';
import { LAYOUT } from '../layout.ts';
import { printable } from '../../input/printable.ts';

/** One call of the plugin, from its log line. Other versions' lines may lack anything but the time. */
export interface LogLine {
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly level: string;
  readonly verb: string;
  readonly network: string;
  readonly containerID: string;
  readonly containerName: string;
  readonly ifname: string;
  readonly addresses: readonly string[];
  readonly ms: number | undefined;
  readonly code: number | undefined;
  readonly msg: string;
  readonly details: string;
  readonly warnings: readonly string[];
  /** Why names of containers are not served: `off: …`. */
  readonly names: string;
  readonly raw: string;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? printable(value) : '';
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string').map(printable) : [];
}

/** `undefined` if it is not a log line, such as one truncated by a full disk. */
export function parseLogLine(raw: string): LogLine | undefined {
  let fields: unknown;
  try {
    fields = JSON.parse(raw);
  } catch {
    return undefined;
  }
  if (!isFields(fields) || Number.isNaN(Date.parse(textOf(fields['time'])))) return undefined;
  return {
    time: textOf(fields['time']),
    level: textOf(fields['level']),
    verb: textOf(fields['verb']),
    network: textOf(fields['network']),
    containerID: textOf(fields['containerID']),
    containerName: textOf(fields['containerName']),
    ifname: textOf(fields['ifname']),
    addresses: textsOf(fields['addresses']),
    ms: numberOf(fields['ms']),
    code: numberOf(fields['code']),
    msg: textOf(fields['msg']),
    details: textOf(fields['details']),
    warnings: textsOf(fields['warnings']),
    names: textOf(fields['names']),
    raw,
  };
}

export function parseLog(text: string): readonly LogLine[] {
  return text.split('\n').flatMap((line) => (line === '' ? [] : (parseLogLine(line) ?? [])));
}

/** Reads cni.log.1, unless logrotate has compressed it, and then the log. */
export function readLog(): readonly LogLine[] {
  const rotated = listNames(LAYOUT.logDirectory).includes('cni.log.1')
    ? (readText(`${LAYOUT.log}.1`) ?? '')
    : '';
  return parseLog(`${rotated}\n${readText(LAYOUT.log) ?? ''}`);
}
