import { alternate } from '../alternate.ts';
import { chain } from '../contenders/chain.ts';
import { flatnet } from '../contenders/flatnet.ts';
import { netavark } from '../contenders/netavark.ts';
import { type Claim, judge } from '../rows.ts';
import { attachAndDetach, type Scenario } from './scenario.ts';

const CLAIMS: readonly Claim[] = [
  { what: 'ADD', against: 'default chain', ours: 'flatnet ADD', theirs: 'chain ADD', target: 0.5 },
  { what: 'DEL', against: 'default chain', ours: 'flatnet DEL', theirs: 'chain DEL', target: 0.35 },
  { what: 'ADD', against: 'netavark', ours: 'flatnet ADD', theirs: 'netavark ADD', target: 1 },
  { what: 'DEL', against: 'netavark', ours: 'flatnet DEL', theirs: 'netavark DEL', target: 0.6 },
];

/** One container comes and goes: masquerade, one port, forwarding allowed. */
export const attach: Scenario = async ({ executable, features, ...rounds }) => {
  await using ours = await flatnet(executable, features);
  await using reference = await chain();
  await using successor = await netavark();
  const turns = await Promise.all([ours, reference, successor].map((one) => attachAndDetach(one)));
  const samples = await alternate(turns, rounds);
  return CLAIMS.map((claim) => judge(claim, samples));
};
