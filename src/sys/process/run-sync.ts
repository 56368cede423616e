import type { StdioOptions } from 'node:child_process';
import { monotonicMs } from '../clock.ts';
import type { Limits } from '../limits.ts';
import { type Command, CommandError, programFor, traceCommand } from './run.ts';
import type { Completed, ProgramSpec } from './spawn.ts';

const OUTPUT_LIMIT = 32 * 1024 * 1024;

/**
 * Blocks until the program ends, as a netlink request does. If the program leaves processes behind that hold its pipes
 * open, this takes the whole timeout; the call's signal takes effect only afterwards.
 */
function runProgramSync({ file, args, env, fd, input, timeoutMs }: ProgramSpec): Completed {
  const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', fd ?? 'ignore'];
  const options = {
    cwd: '/',
    // Unless set, Node passes on its own value.
    env: { NODE_V8_COVERAGE: undefined, ...env },
    stdio,
    input,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_LIMIT,
    // A separate process group: Ctrl-C in the terminal of `podman run` must not reach the `ip` of an undo.
    detached: true,
  } as const;
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { status, signal, stdout, stderr, error } = spawnSync(file, args, options);
  const timedOut = status === null && error !== undefined && 'code' in error && error.code === 'ETIMEDOUT';
  // A program that exited has done its work, even if its pipes are still held; one that did not start has no pipes.
  const cause = status === null && !timedOut ? error : undefined;
  const printed = (bytes: Buffer | null) => bytes?.toString() ?? '';
  return {
    exitCode: status,
    killedBy: signal,
    timedOut,
    stdout: printed(stdout),
    stderr: printed(stderr),
    ...(cause === undefined ? {} : { cause }),
  };
}

/**
 * As `run`, but blocking.
 * @throws CommandError if the program exits non-zero, is killed, times out or cannot be started.
 * @throws ToolMissingError
 */
export function runSync(command: Command, limits: Limits): Completed {
  const program = programFor(command, limits);
  const start = monotonicMs();
  const completed = runProgramSync(program);
  traceCommand(limits, command, [completed, start]);
  if (completed.exitCode !== 0) throw new CommandError(command, completed);
  return completed;
}
