import type { LogLine } from '../facts/log.ts';
import type { Io } from '../io.ts';
import { nameOrId } from '../text/container.ts';
import { type Style, styleFor } from '../text/style.ts';
import { pad } from '../text/table.ts';

/** `2026-01-31 08:00:00.123`, in local time. */
export function localTime(time: string): string {
  const date = new Date(time);
  const two = (value: number) => value.toString().padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${day} ${clock}.${date.getMilliseconds().toString().padStart(3, '0')}`;
}

/** Fits most names; a longer one shifts the rest of its line. */
const NAME_WIDTH = 12;

export function renderLogLine(line: LogLine, style: Style): string {
  const { time, level, verb, network, ifname, addresses, ms, code, msg, details } = line;
  const who = nameOrId(line);
  const mark = level === 'error' ? style.bad('✗') : level === 'warn' ? style.notable('!') : style.good('✓');
  const facts = [ifname === '' || ifname === 'eth0' ? '' : ifname, addresses.join(', ')].filter(
    (fact) => fact !== '',
  );
  const head = [
    style.dim(localTime(time)),
    mark,
    style.bold(pad(verb, 6)),
    pad(network, 8),
    pad(who, NAME_WIDTH),
    facts.join('  '),
    ms === undefined ? '' : style.dim(`${ms} ms`),
  ].filter((part) => part.trim() !== '');
  const below = [
    ...(msg === '' ? [] : [style.bad(code === undefined ? msg : `${msg} (code ${code})`)]),
    ...(details === '' ? [] : [details]),
    ...(line.names === '' ? [] : [style.dim(`names ${line.names}`)]),
    ...line.warnings.map((warning) => style.notable(warning)),
  ];
  return [head.join('  ').trimEnd(), ...below.map((text) => `    ${text}`)].join('\n');
}

export function printerFor(isJson: boolean, io: Io): (line: LogLine) => void {
  const style = styleFor(io.color);
  return (line) => {
    io.out(isJson ? `${line.raw}\n` : `${renderLogLine(line, style)}\n`);
  };
}
