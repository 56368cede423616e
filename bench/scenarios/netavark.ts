import { alternate } from '../alternate.ts';
import { driver, netavarkBridge, netavarkWithDriver } from '../contenders/debian13.ts';
import { type Claim, judge } from '../rows.ts';
import { attachAndDetach, type Scenario } from './scenario.ts';

const BRIDGE = { against: "netavark 1.14's bridge" };

const CLAIMS: readonly Claim[] = [
  { ...BRIDGE, what: 'setup', ours: 'flatnet ADD', theirs: 'bridge ADD', target: 0.7 },
  { ...BRIDGE, what: 'teardown', ours: 'flatnet DEL', theirs: 'bridge DEL', target: 0.5 },
  // What the start of netavark and its own reading of the request add.
  { ...BRIDGE, what: 'setup by netavark', ours: 'through netavark ADD', theirs: 'bridge ADD' },
  { ...BRIDGE, what: 'teardown by netavark', ours: 'through netavark DEL', theirs: 'bridge DEL' },
];

/** One container of Podman 5 comes and goes, with one port: flatnet as a driver, and the driver that netavark has itself. */
export const netavark: Scenario = async ({ executable, rounds, warmUp }) => {
  await using ours = await driver(executable);
  await using through = await netavarkWithDriver(executable);
  await using theirs = await netavarkBridge(executable);
  const turns = await Promise.all([ours, through, theirs].map((one) => attachAndDetach(one)));
  const samples = await alternate(turns, { rounds, warmUp });
  return CLAIMS.map((claim) => judge(claim, samples));
};
