import type { LogLine } from '../facts/log.ts';

export type LogFilter = (line: LogLine) => boolean;

export const LEVELS = ['info', 'warn', 'error'] as const;

/** Conditions that a line must meet; `undefined` ones do not count. */
export interface Wanted {
  /** A name, or a prefix of an id. */
  readonly container: string | undefined;
  readonly since: Date | undefined;
  readonly grep: RegExp | undefined;
  readonly level: (typeof LEVELS)[number] | undefined;
}

function isOf({ containerName, containerID }: LogLine, container: string): boolean {
  return containerName === container || containerID.startsWith(container);
}

function rank(level: string): number {
  return LEVELS.findIndex((one) => one === level);
}

export function filterFor({ container, since, grep, level }: Wanted): LogFilter {
  return (line) =>
    (container === undefined || isOf(line, container)) &&
    (since === undefined || Date.parse(line.time) >= since.getTime()) &&
    (grep === undefined || grep.test(line.raw)) &&
    (level === undefined || rank(line.level) >= rank(level));
}
