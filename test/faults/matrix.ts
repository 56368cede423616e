import type { ChangingVerb } from './bench.ts';
import type { Blow, Kill, Step } from './kill.ts';
import type { Conf } from './machine.ts';
import { isDelegated } from './networks.ts';
import { EVERYTHING } from './pool.ts';
import { isDriver } from './protocol.ts';
import { aimAt, type FilePoint, isChanging } from './syscalls.ts';
import type { Cleanup } from './tidy.ts';
import type { Point } from './tools.ts';

const BLOWS: readonly Blow[] = ['KILL', 'TERM', 'INT', 'HUP', 'closed'];

/** The reference IPAM plugins of Debian know no GC, and would keep the address. */
function cleanupsOf(conf: Conf): readonly Cleanup[] {
  if (isDriver(conf)) return ['GC', 'again', 'next', 'DEL'];
  return isDelegated(conf) ? ['DEL'] : ['DEL', 'GC'];
}

/** Every how manieth step of a test run flatnet is stopped at: each takes half a minute. */
const STOPS_EVERY = 12;

/** Before and after every start of a tool. */
export function commandSteps(points: readonly Point[]): readonly Step[] {
  return points.flatMap((point) =>
    [false, true].map((isAfter): Step => ({ kind: 'command', point, isAfter })),
  );
}

/** Every operation on a file; in a test run those alone that can leave something half done. */
export function fileSteps(points: readonly FilePoint[]): readonly Step[] {
  return points
    .filter((point) => EVERYTHING || isChanging(point))
    .map((point): Step => ({ kind: 'file', aim: aimAt(point) }));
}

/** A blow that means nothing at this step: what ends a reader or stops flatnet does so before the tool runs. */
function isMeant(step: Step, blow: Blow): boolean {
  return step.kind === 'file' || !step.isAfter || (blow !== 'closed' && blow !== 'stop');
}

/** Every blow with every clean-up at every step; in a test run one at each, in turn. */
export function planKills(conf: Conf, verb: ChangingVerb, steps: readonly Step[]): readonly Kill[] {
  const kills = (step: Step): Kill[] =>
    BLOWS.filter((blow) => isMeant(step, blow)).flatMap((blow) =>
      cleanupsOf(conf).map((cleanup) => ({ verb, step, blow, cleanup })),
    );
  return steps.flatMap((step, index) => {
    const all = kills(step);
    return EVERYTHING ? all : all.filter((_kill, at) => at === (index * 3) % all.length);
  });
}

/** The same for a machine that stands still; a few in a test run. */
export function planStops(conf: Conf, verb: ChangingVerb, steps: readonly Step[]): readonly Kill[] {
  const cleanups = cleanupsOf(conf);
  return steps
    .filter((step) => isMeant(step, 'stop'))
    .filter((_step, index) => EVERYTHING || index % STOPS_EVERY === 0)
    .map((step, index) => ({
      verb,
      step,
      blow: 'stop',
      cleanup: cleanups[index % cleanups.length] ?? 'DEL',
    }));
}
