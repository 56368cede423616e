import type { TracedCommand } from '../sys/context.ts';
import type { Trace } from './context.ts';

function line(kind: string, name: string, ms: number): string {
  return `  ${ms.toFixed(2).padStart(8)} ms  ${kind.padEnd(8)} ${name}`;
}

function describe({ command, ms, exitCode, refusal }: TracedCommand): string {
  const failure = refusal ?? (exitCode === undefined || exitCode === 0 ? undefined : `exit code ${exitCode}`);
  const text = line('command', command, ms);
  return failure === undefined ? text : `${text}: ${failure}`;
}

/**
 * The text of `--trace`: the duration of each step, then programs and requests in the order in which
 * they ended. Steps lie within each other; `start` is Node's, before the call began.
 */
export function formatTrace(name: string, ms: number, { steps, commands }: Trace): string {
  return [
    `flatnet: ${name} took ${ms.toFixed(2)} ms`,
    ...Object.entries(steps).map(([step, took]) => line('step', step, took)),
    ...commands.map(describe),
    '',
  ].join('\n');
}
