import { alternate, type Turn } from '../alternate.ts';
import { chain } from '../contenders/chain.ts';
import { type Contender, makeSlots, nextContainer } from '../contenders/contender.ts';
import { flatnet } from '../contenders/flatnet.ts';
import { type Claim, judge } from '../rows.ts';
import { type Measured, measureTogether, type Figures } from '../stopwatch.ts';
import type { Scenario } from './scenario.ts';

const CONTAINERS = 30;

const CLAIMS: readonly Claim[] = [
  {
    what: `${CONTAINERS} ADDs at once`,
    against: 'default chain',
    ours: 'flatnet ADD',
    theirs: 'chain ADD',
    target: 0.6,
  },
  { what: `${CONTAINERS} DELs at once`, against: 'default chain', ours: 'flatnet DEL', theirs: 'chain DEL' },
];

/** All lanes as if they were one command: from the first start to the last end. */
function asOne({ wallMs, lanes }: Measured): Figures {
  const processorMs = lanes.reduce((total, lane) => total + lane.processorMs, 0);
  return { wallMs, processorMs, peakKiB: 0, output: '' };
}

async function manyAtOnce(contender: Contender): Promise<Turn> {
  const slots = await makeSlots(contender.host, CONTAINERS);
  return async () => {
    const containers = slots.map(nextContainer);
    const added = await measureTogether(contender.host, containers.map(contender.add));
    const deleted = await measureTogether(
      contender.host,
      containers.map((container, index) => contender.del(container, added.lanes[index]!.output)),
    );
    return { [`${contender.name} ADD`]: asOne(added), [`${contender.name} DEL`]: asOne(deleted) };
  };
}

/** Thirty containers start at the same moment, and end at the same moment. */
export const together: Scenario = async ({ executable, features, rounds }) => {
  await using ours = await flatnet(executable, features);
  await using reference = await chain();
  const turns = [await manyAtOnce(ours), await manyAtOnce(reference)];
  // Each round has thirty calls of each: a third of the rounds is more calls than any other row has.
  const samples = await alternate(turns, { rounds: Math.ceil(rounds / 3), warmUp: 1 });
  return CLAIMS.map((claim) => judge(claim, samples));
};
