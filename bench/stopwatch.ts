import { join } from 'node:path';
import type { Place } from '../conformance/host.ts';

/** One command, as a runtime starts a plugin: an argument vector, the whole environment, text on stdin. */
export interface Timed {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** `@PREVIOUS@` in it becomes what the command before it in its lane printed. */
  readonly input: string;
}

/** What a command, or several one after the other, took. */
export interface Figures {
  readonly wallMs: number;
  /** Processor time of the command and of all it waited for; what other programs of the machine do hardly shows in it. */
  readonly processorMs: number;
  readonly peakKiB: number;
  /** What the last of the commands printed. */
  readonly output: string;
}

/** What a whole measurement took: lane by lane, and from the start of all to the end of the last. */
export interface Measured {
  readonly wallMs: number;
  readonly lanes: readonly Figures[];
}

/** The program that measures; a host with another root needs it there too. */
export const STOPWATCH = join(import.meta.dirname, 'stopwatch.pl');
const TIMEOUT_MS = 120_000;
const FIELDS = 6;

function encode(lanes: readonly (readonly Timed[])[]): string {
  const list = (values: readonly string[]) => [String(values.length), ...values];
  const tokens = lanes.flatMap((commands) => [
    String(commands.length),
    ...commands.flatMap(({ argv, env, input }) => [
      ...list(argv),
      ...list(Object.entries(env).map(([name, value]) => `${name}=${value}`)),
      input,
    ]),
  ]);
  return [String(lanes.length), ...tokens].join('\0');
}

function sum(parts: readonly Figures[]): Figures {
  return {
    wallMs: parts.reduce((total, { wallMs }) => total + wallMs, 0),
    processorMs: parts.reduce((total, { processorMs }) => total + processorMs, 0),
    peakKiB: Math.max(...parts.map(({ peakKiB }) => peakKiB)),
    output: parts.at(-1)?.output ?? '',
  };
}

/** Of several commands in a lane (the plugins of a chain) what lies between them is not counted. */
function decode(output: string, lanes: readonly (readonly Timed[])[]): Measured {
  const [wall = '', ...tokens] = output.split('\0');
  const parts: Figures[][] = lanes.map(() => []);
  for (let at = 0; at + FIELDS <= tokens.length; at += FIELDS) {
    const [lane, status, ...rest] = tokens.slice(at, at + FIELDS);
    const [wallUs, processorUs, peakKiB, output = ''] = rest;
    const figures = parts[Number(lane)]!;
    if (status !== '0') {
      const { argv } = lanes[Number(lane)]![figures.length]!;
      throw new Error(`Cannot measure ${argv.join(' ')}: it ended with status ${status}: ${output}`);
    }
    figures.push({
      wallMs: Number(wallUs) / 1000,
      processorMs: Number(processorUs) / 1000,
      peakKiB: Number(peakKiB),
      output,
    });
  }
  return { wallMs: Number(wall) / 1000, lanes: parts.map(sum) };
}

async function runStopwatch(
  place: Place,
  argv: readonly string[],
  lanes: readonly (readonly Timed[])[],
): Promise<Measured> {
  const input = encode(lanes);
  const { exitCode, stdout, stderr } = await place.exec(argv, { input, timeoutMs: TIMEOUT_MS });
  if (exitCode !== 0) throw new Error(`Cannot measure: ${stderr.trim()}`);
  return decode(stdout, lanes);
}

/**
 * Runs lanes of commands, all lanes at once, and measures them. Many lanes in a real-time class would keep the kernel's
 * own threads from running, and so wait for themselves: the figures are those of the machine as busy as it is.
 *
 * @throws Error when one of the commands fails.
 */
export function measureTogether(place: Place, lanes: readonly (readonly Timed[])[]): Promise<Measured> {
  return runStopwatch(place, ['perl', STOPWATCH], lanes);
}

/**
 * Runs commands one after the other and measures their sum. They run in a real-time class, so that whatever else the
 * machine does hardly delays them; the waits for the kernel's own threads stay what they are.
 */
export async function measure(place: Place, ...commands: readonly Timed[]): Promise<Figures> {
  const { lanes } = await runStopwatch(place, ['chrt', '--rr', '1', 'perl', STOPWATCH], [commands]);
  return lanes[0]!;
}
