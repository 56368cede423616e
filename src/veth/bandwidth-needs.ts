import type { Context } from '../sys/context.ts';
import { readMark, tryWriteMark } from '../sys/files/marks.ts';
import { bootId } from '../sys/proc.ts';
import { tryLines } from '../sys/files/trial.ts';
import type { Bandwidth } from './bandwidth.ts';

/** A missing kernel module, and the kernel's error for it. */
export interface Lack {
  readonly module: string;
  readonly said: string;
}

/** A line that the kernel refuses if it lacks the module. */
interface Trial {
  readonly tool: 'ip' | 'tc';
  readonly module: string;
  readonly line: string;
}

const TBF: Trial = {
  tool: 'tc',
  module: 'sch_tbf',
  line: 'qdisc add dev lo root tbf rate 1mbit burst 10kb latency 25ms',
};

/** The lines of `planBandwidth`, for the network namespace of a trial. */
const TRIALS: Readonly<Record<keyof Bandwidth, readonly Trial[]>> = {
  ingress: [TBF],
  egress: [
    { tool: 'ip', module: 'ifb', line: 'link add name trial type ifb' },
    TBF,
    { tool: 'tc', module: 'sch_ingress', line: 'qdisc add dev lo ingress' },
    {
      tool: 'tc',
      module: 'act_mirred',
      line: 'filter add dev lo parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev lo',
    },
  ],
};

async function lackOf(
  tool: Trial['tool'],
  trials: readonly Trial[],
  ctx: Context,
): Promise<Lack | 'none' | 'unknown'> {
  const own = trials.filter((trial) => trial.tool === tool);
  if (own.length === 0) return 'none';
  const answer = await tryLines(
    tool,
    own.map(({ line }) => line),
    ctx,
  );
  if (answer === 'taken') return 'none';
  if (answer === 'unknown') return answer;
  const module = own.find(({ line }) => line === answer.line)?.module ?? '';
  return { module, said: `"${tool} ${answer.line}": ${answer.said}` };
}

/**
 * The module missing for limits of these directions; `undefined` if none is, or if that cannot be determined. A full
 * set is cached until the next boot; a missing module is probed again, since it may have been loaded.
 * @throws ToolMissingError if `tc` is not installed.
 */
export async function bandwidthLack(limits: Bandwidth, ctx: Context): Promise<Lack | undefined> {
  for (const direction of ['ingress', 'egress'] as const) {
    const mark = `bandwidth-${direction}`;
    if (limits[direction] === undefined || readMark(mark) === bootId()) continue;
    const answers = [await lackOf('ip', TRIALS[direction], ctx), await lackOf('tc', TRIALS[direction], ctx)];
    const lack = answers.find((answer) => typeof answer === 'object');
    if (lack !== undefined) return lack;
    if (!answers.includes('unknown')) tryWriteMark(mark, bootId());
  }
  return undefined;
}
