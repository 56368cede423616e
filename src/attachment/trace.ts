import type { TracedCommand } from '../sys/context.ts';
import type { Trace } from './context.ts';

function line(kind: string, name: string, ms: number): string {
  return `  ${ms.toFixed(2).padStart(8)} ms  ${kind.padEnd(8)} ${name}`;
}

/** A batch is shown with its lines; a failed one has its failing line as command. */
function wordsOf({ command, input }: TracedCommand): string {
  if (input === undefined || !command.includes(' -batch ')) return command;
  return `${command}: ${input.split('\n').join('; ')}`;
}

function describe(traced: TracedCommand): string {
  const { ms, exitCode, refusal } = traced;
  const failure = refusal ?? (exitCode === undefined || exitCode === 0 ? undefined : `exit code ${exitCode}`);
  const text = line('command', wordsOf(traced), ms);
  return failure === undefined ? text : `${text}: ${failure}`;
}

/**
 * Text of `--trace`: the duration of each step, then programs and requests in the order in which they ended. Steps
 * nest; `start` is Node's, before the call began.
 */
export function formatTrace(name: string, ms: number, { steps, commands }: Trace): string {
  return [
    `flatnet: ${name} took ${ms.toFixed(2)} ms`,
    ...Object.entries(steps).map(([step, took]) => line('step', step, took)),
    ...commands.map(describe),
    '',
  ].join('\n');
}
