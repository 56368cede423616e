import type { Context } from '../sys/context.ts';
import { readMark, tryWriteMark } from '../sys/files/marks.ts';
import { bootId } from '../sys/proc.ts';
import { tryLines } from '../sys/files/trial.ts';
import type { Bandwidth } from './bandwidth.ts';

/** A module that limits need, and what the kernel said when it was asked for. */
export interface Lack {
  readonly module: string;
  readonly said: string;
}

/** A line that the kernel refuses where it lacks the module. */
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

/** As `planBandwidth` has them, for the namespace of a trial. */
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
 * What the kernel lacks for limits of these directions; `undefined` where it lacks nothing, or could not be asked. It is
 * asked once a boot; what it lacks is asked for again, since modules can be loaded.
 *
 * @throws ToolMissingError where `tc` is not installed.
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
