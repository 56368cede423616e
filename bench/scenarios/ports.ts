import { alternate } from '../alternate.ts';
import { type Contender, makeSlots, nextContainer } from '../contenders/contender.ts';
import { flatnet } from '../contenders/flatnet.ts';
import { type Claim, judge } from '../rows.ts';
import { measure } from '../stopwatch.ts';
import { attachAndDetach, type Scenario } from './scenario.ts';

const HOLDERS = 10;
const EACH = 100;
/** Apart from those of the container that is measured. */
const FIRST_PORT = 40_000;

const CLAIMS: readonly Claim[] = [
  {
    what: `ADD with a port, ${HOLDERS * EACH} ports published`,
    against: 'none of them',
    ours: 'full ADD',
    theirs: 'empty ADD',
    target: 2,
  },
  { what: 'DEL of it', against: 'none of them', ours: 'full DEL', theirs: 'empty DEL' },
];

/** Containers that publish a range of ports each. */
async function publishMany(contender: Contender): Promise<void> {
  const slots = await makeSlots(contender.host, HOLDERS);
  for (const [holder, slot] of slots.entries()) {
    const portMappings = Array.from({ length: EACH }, (_, index) => ({
      hostPort: FIRST_PORT + holder * EACH + index,
      containerPort: 1_000 + index,
      protocol: 'tcp',
    }));
    const calls = contender.add(nextContainer(slot)).map(({ input, ...call }) => {
      return { ...call, input: JSON.stringify({ ...JSON.parse(input), runtimeConfig: { portMappings } }) };
    });
    await measure(contender.host, ...calls);
  }
}

/** One more container with a published port on a host that has a thousand, against one on a host that has none. */
export const ports: Scenario = async ({ executable, features, ...rounds }) => {
  await using full = await flatnet(executable, features);
  await using empty = await flatnet(executable, features);
  const turns = [await attachAndDetach(full, 'full'), await attachAndDetach(empty, 'empty')];
  await publishMany(full);
  const samples = await alternate(turns, rounds);
  return CLAIMS.map((claim) => judge(claim, samples));
};
