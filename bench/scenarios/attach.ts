import { startSyslog } from '../../test/fixtures/syslog.ts';
import { alternate } from '../alternate.ts';
import { chain } from '../contenders/chain.ts';
import { flatnet } from '../contenders/flatnet.ts';
import { netavark } from '../contenders/netavark.ts';
import { type Claim, judge, type Row } from '../rows.ts';
import { attachAndDetach, type Scenario, type Setting } from './scenario.ts';

const CLAIMS: readonly Claim[] = [
  { what: 'ADD', against: 'default chain', ours: 'flatnet ADD', theirs: 'chain ADD', target: 0.5 },
  { what: 'DEL', against: 'default chain', ours: 'flatnet DEL', theirs: 'chain DEL', target: 0.35 },
  { what: 'ADD', against: 'netavark', ours: 'flatnet ADD', theirs: 'netavark ADD', target: 1 },
  { what: 'DEL', against: 'netavark', ours: 'flatnet DEL', theirs: 'netavark DEL', target: 0.6 },
];

const LOGGED = 'flatnet with /dev/log';
const WITHOUT_LOG = { against: 'without /dev/log' };

const SYSLOG_CLAIMS: readonly Claim[] = [
  // A millisecond of an ADD of 33.
  { ...WITHOUT_LOG, what: 'ADD with /dev/log', ours: `${LOGGED} ADD`, theirs: 'flatnet ADD', target: 1.03 },
  { ...WITHOUT_LOG, what: 'DEL with /dev/log', ours: `${LOGGED} DEL`, theirs: 'flatnet DEL' },
];

/** The same container where a syslog daemon is told of it. Only these two alternate: a DEL waits for what the call before left. */
async function compareWithSyslog({ executable, features, ...rounds }: Setting): Promise<readonly Row[]> {
  await using ours = await flatnet(executable, features);
  await using logged = await flatnet(executable, features);
  await startSyslog(logged.host);
  const samples = await alternate(
    [await attachAndDetach(ours), await attachAndDetach(logged, LOGGED)],
    rounds,
  );
  return SYSLOG_CLAIMS.map((claim) => judge(claim, samples));
}

/** One container comes and goes: masquerade, one port, forwarding allowed. */
export const attach: Scenario = async (setting) => {
  const { executable, features, ...rounds } = setting;
  await using ours = await flatnet(executable, features);
  await using reference = await chain();
  await using successor = await netavark();
  const turns = await Promise.all([ours, reference, successor].map((one) => attachAndDetach(one)));
  const samples = await alternate(turns, rounds);
  return [...CLAIMS.map((claim) => judge(claim, samples)), ...(await compareWithSyslog(setting))];
};
