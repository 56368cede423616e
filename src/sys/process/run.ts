import { type Context, hundredths, type TracedCommand } from '../context.ts';
import type { Limits } from '../limits.ts';
import { type Completed, type ProgramSpec, runProgram } from './spawn.ts';
import { monotonicMs } from '../clock.ts';
import { requireTool } from './tool.ts';

/** One program run: never a shell, never a string to split. */
export interface Command {
  /** Name of a tool (`ip`), looked up by `requireTool`, or an absolute path. */
  readonly tool: string;
  readonly args: readonly string[];
  readonly input?: string | undefined;
  /** Open descriptor of the network namespace to run the program in. */
  readonly netnsFd?: number | undefined;
  /** Open descriptor passed to the program as descriptor 3; not together with `netnsFd`, which takes its place. */
  readonly handedOver?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /** The program's environment; by default nothing of the caller's. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

export type { Completed } from './spawn.ts';

/** A program failed, could not be started, or did not end in time. */
export class CommandError extends Error {
  readonly command: Command;
  readonly completed: Completed;

  constructor(command: Command, completed: Completed) {
    super(describeFailure(command, completed), { cause: completed.cause });
    this.name = 'CommandError';
    this.command = command;
    this.completed = completed;
  }
}

/** Path at which `nsenter` finds the namespace's descriptor. */
const NETNS_IN_CHILD = '/proc/self/fd/3';

const DEFAULT_TIMEOUT_MS = 8_000;
/** Minimum for a program when the call is out of time: enough for `ip link del`, so that an undo is still tried. */
const LEAST_MS = 1_000;
/** What a program needs of the caller's environment: nothing. */
export const CLEAN_ENV = { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

/** The line of a batch at which `ip` stopped, counted from 1. */
export function failedLine(completed: Completed): number | undefined {
  const match = /Command failed -:(\d+)/.exec(completed.stderr);
  return match === null ? undefined : Number(match[1]);
}

/** As a person would type it to see the same failure: of a batch, the line that failed. */
export function describeCommand(command: Command, completed: Completed): string {
  const lines = (command.input ?? '').trim().split('\n');
  const line = lines[(failedLine(completed) ?? 0) - 1];
  const text = [command.tool, ...(line === undefined ? command.args : [line])].join(' ');
  return command.netnsFd === undefined ? text : `${text} (in the sandbox)`;
}

/** How the program ended, and the first line of its stderr. */
export function describeEnd(completed: Completed): string {
  const said = completed.stderr.trim().split('\n')[0] ?? '';
  if (completed.cause instanceof Error) return `could not be run: ${completed.cause.message}`;
  const how = completed.timedOut
    ? 'did not end in time'
    : completed.killedBy !== null
      ? `was ended by ${completed.killedBy}`
      : `failed with exit code ${completed.exitCode ?? -1}`;
  return said === '' ? how : `${how}: ${said}`;
}

/** A transaction of nft may be long: truncate it, so that the reason behind it stays visible. */
const LONGEST_MENTION = 300;

function describeFailure(command: Command, completed: Completed): string {
  const text = describeCommand(command, completed);
  const mention = text.length <= LONGEST_MENTION ? text : `${text.slice(0, LONGEST_MENTION)}...`;
  return `"${mention}" ${describeEnd(completed)}`;
}

function argvOf(command: Command): { file: string; args: readonly string[] } {
  const file = command.tool.startsWith('/') ? command.tool : requireTool(command.tool);
  if (command.netnsFd === undefined) return { file, args: command.args };
  return { file: requireTool('nsenter'), args: [`--net=${NETNS_IN_CHILD}`, file, ...command.args] };
}

/**
 * Runs a program to its end.
 * @throws CommandError if it exits non-zero, is killed, times out or cannot be started.
 * @throws ToolMissingError
 */
export async function run(command: Command, ctx: Context): Promise<Completed> {
  const completed = await runToEnd(command, ctx);
  if (completed.exitCode !== 0) throw new CommandError(command, completed);
  return completed;
}

function traced(command: Command, completed: Completed, ms: number): TracedCommand {
  return {
    command: describeCommand(command, completed),
    ...(command.input === undefined ? {} : { input: command.input.trim() }),
    ms: hundredths(ms),
    exitCode: completed.exitCode,
    ...(completed.killedBy === null ? {} : { killedBy: completed.killedBy }),
    ...(completed.timedOut ? { timedOut: true } : {}),
    ...(completed.stderr === '' ? {} : { stderr: completed.stderr }),
  };
}

/** @throws ToolMissingError */
export function programFor(command: Command, { deadline, signal }: Limits): ProgramSpec {
  const left = Math.max(deadline - monotonicMs(), LEAST_MS);
  return {
    ...argvOf(command),
    input: command.input ?? '',
    env: command.env ?? CLEAN_ENV,
    timeoutMs: Math.min(command.timeoutMs ?? DEFAULT_TIMEOUT_MS, left),
    fd: command.netnsFd ?? command.handedOver,
    signal,
  };
}

/** Records a command in the call's trace. */
export function traceCommand({ trace }: Limits, command: Command, [completed, start]: Ended): void {
  trace?.commands.push(traced(command, completed, monotonicMs() - start));
}

/** `start` is a reading of `monotonicMs()`. */
type Ended = readonly [completed: Completed, start: number];

/** As `run`, for programs whose failure is an answer: a delegated plugin prints its error and exits 1. */
export async function runToEnd(command: Command, ctx: Context): Promise<Completed> {
  const program = programFor(command, ctx);
  ctx.signal?.throwIfAborted();
  const start = monotonicMs();
  const completed = await runProgram(program);
  traceCommand(ctx, command, [completed, start]);
  return completed;
}
