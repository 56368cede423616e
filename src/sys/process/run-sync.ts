import type { StdioOptions } from 'node:child_process';
import { monotonicMs } from '../clock.ts';
import type { Limits } from '../limits.ts';
import { type Command, CommandError, programFor, traceCommand } from './run.ts';
import type { Completed, ProgramSpec } from './spawn.ts';

const OUTPUT_LIMIT = 32 * 1024 * 1024;

/**
 * Runs a program and waits for it, as a request of netlink waits for the kernel. One that leaves processes behind which hold
 * its pipes open takes all of its time; the signal of the call is heard when it has ended.
 */
function runProgramSync({ file, args, env, fd, input, timeoutMs }: ProgramSpec): Completed {
  const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', fd ?? 'ignore'];
  const options = {
    cwd: '/',
    // Node hands on its own value of this one unless it is set.
    env: { NODE_V8_COVERAGE: undefined, ...env },
    stdio,
    input,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_LIMIT,
    // A process group of its own: Ctrl-C in the terminal of `podman run` must not reach the `ip` of an undo.
    detached: true,
  } as const;
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { status, signal, stdout, stderr, error } = spawnSync(file, args, options);
  const timedOut = status === null && error !== undefined && 'code' in error && error.code === 'ETIMEDOUT';
  // One that exited has done its work, whoever holds its pipes; one that did not start has no pipes.
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
 * As `run`, and nothing else happens meanwhile.
 *
 * @throws CommandError when it exits non-zero, is killed, times out or cannot be started.
 * @throws ToolMissingError when there is no such tool.
 */
export function runSync(command: Command, limits: Limits): Completed {
  const program = programFor(command, limits);
  const start = monotonicMs();
  const completed = runProgramSync(program);
  traceCommand(limits, command, [completed, start]);
  if (completed.exitCode !== 0) throw new CommandError(command, completed);
  return completed;
}
