import { runChild } from './child.ts';
import type { Completed } from './child-output.ts';
import { monotonicMs } from './clock.ts';
import { requireTool } from './tool.ts';

/** One program run: never a shell, never a string to split. */
export interface Command {
  /** Name of a tool (`ip`), looked up by `requireTool`, or an absolute path. */
  readonly tool: string;
  readonly args: readonly string[];
  readonly input?: string | undefined;
  /**
   * Starts the program at once, but hands over its input only after this: starting takes as long as what it then does.
   * When this fails, the program gets no input, which `ip -batch -` and `nft -f -` take for nothing to do.
   */
  readonly after?: Promise<unknown> | undefined;
  /** Open file descriptor of a network namespace; the program sees it as `/proc/self/fd/3`. */
  readonly netnsFd?: number | undefined;
  /** Enter that namespace instead of only handing it over. */
  readonly enter?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  /** Ends the program when the call is cancelled. Undo steps and DEL pass none. */
  readonly signal?: AbortSignal | undefined;
  /** Environment; none of the caller's by default. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

export type { Completed } from './child-output.ts';

/** A program that ran and failed, could not be started, or did not end in time. */
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

/** Path under which a started program finds the namespace handed over in `netnsFd`. */
export const NETNS_IN_CHILD = '/proc/self/fd/3';

const DEFAULT_TIMEOUT_MS = 8_000;
/** What a program may take when the call is out of time: enough for `ip link del`, so that an undo is still tried. */
const LEAST_MS = 1_000;
const CLEAN_ENV = { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

/** A program that has ended, whatever way. */
export interface Ran {
  readonly command: Command;
  readonly completed: Completed;
  readonly ms: number;
}

/** What all programs of a call have in common: the process serves one call. */
export interface CallOfCommands {
  /** Reading of `monotonicMs()` by which the call has to be over. */
  readonly deadline: number;
  /** Hears of every program that ended. */
  readonly onEnd?: (ran: Ran) => void;
}

let call: CallOfCommands = { deadline: Infinity };

/**
 * Bounds all programs from here on by the end of the call, undo steps included: each has its own time limit, but
 * a runtime waits for their sum.
 */
export function setCallOfCommands(next: CallOfCommands): void {
  call = next;
}

/** Which line of a batch `ip` stopped at, counted from 1. */
export function failedLine(completed: Completed): number | undefined {
  const match = /Command failed -:(\d+)/.exec(completed.stderr);
  return match === null ? undefined : Number(match[1]);
}

/** The command as a person would type it to see the same failure: of a batch, the line that failed. */
export function describeCommand(command: Command, completed: Completed): string {
  const lines = (command.input ?? '').trim().split('\n');
  const line = lines[(failedLine(completed) ?? 0) - 1];
  const text = [command.tool, ...(line === undefined ? command.args : [line])].join(' ');
  return command.enter === true ? `${text} (in the sandbox)` : text;
}

/** How a program ended, and the first line it complained with. */
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

function describeFailure(command: Command, completed: Completed): string {
  return `"${describeCommand(command, completed)}" ${describeEnd(completed)}`;
}

function argvOf(command: Command): { file: string; args: readonly string[] } {
  const file = command.tool.startsWith('/') ? command.tool : requireTool(command.tool);
  if (command.enter !== true) return { file, args: command.args };
  return { file: requireTool('nsenter'), args: [`--net=${NETNS_IN_CHILD}`, file, ...command.args] };
}

/**
 * Runs a program to its end and returns what it printed.
 *
 * @throws CommandError when it exits non-zero, is killed, times out or cannot be started.
 * @throws ToolMissingError when there is no such tool.
 * @throws whatever `after` failed with; the program was asked nothing then.
 */
export async function run(command: Command): Promise<Completed> {
  const completed = await runToEnd(command);
  if (completed.exitCode !== 0) throw new CommandError(command, completed);
  return completed;
}

/** As `run`, for programs whose failure is an answer: a delegated plugin prints its error and exits 1. */
export async function runToEnd(command: Command): Promise<Completed> {
  const { file, args } = argvOf(command);
  command.signal?.throwIfAborted();
  const start = monotonicMs();
  const completed = await runChild({
    file,
    args,
    input: command.input ?? '',
    after: command.after,
    env: command.env ?? CLEAN_ENV,
    timeoutMs: Math.min(command.timeoutMs ?? DEFAULT_TIMEOUT_MS, Math.max(call.deadline - start, LEAST_MS)),
    fd: command.netnsFd,
    signal: command.signal,
  });
  call.onEnd?.({ command, completed, ms: monotonicMs() - start });
  await command.after;
  return completed;
}
