import { createMachine5 } from '../../test/podman5/machine.ts';
import { DRIVER_PLACE } from '../../test/podman5/root.ts';
import { alternate, type Turn } from '../alternate.ts';
import { type Claim, judge } from '../rows.ts';
import { STOPWATCH } from '../stopwatch.ts';
import { beyondNone, containerOn } from './podman.ts';
import type { Scenario } from './scenario.ts';

// Podman does not wait for what cleans up after a container: its processor time is not all there is.
const RUN = { against: "netavark 1.14's bridge", withoutProcessor: true };
const WHAT = 'podman run --rm on Podman 5, beyond --network none';

const CLAIMS: readonly Claim[] = [
  { ...RUN, what: WHAT, ours: 'flatnet', theirs: 'bridge', target: 0.6 },
  { ...RUN, what: `${WHAT}, a port published`, ours: 'flatnet, port', theirs: 'bridge, port', target: 0.6 },
  // As "podman network create" makes both, which starts a name server with the first container and ends it with the last.
  {
    ...RUN,
    what: `${WHAT}, names`,
    against: 'the same with names',
    ours: 'flatnet, names',
    theirs: 'bridge, names',
  },
];

const PORT = ['--publish=20000:80'];

/** A container of Podman 5 that does nothing and goes. Each network has a machine of its own, with a packet filter of its own. */
export const podman5: Scenario = async ({ executable, rounds, warmUp }) => {
  const options = { executable, shared: [{ file: STOPWATCH, place: STOPWATCH }] };
  await using ours = await createMachine5(DRIVER_PLACE, options);
  await using theirs = await createMachine5(DRIVER_PLACE, options);
  await ours.succeed('network', 'create', '--driver=flatnet', '--disable-dns', 'flatnet');
  await ours.succeed('network', 'create', '--driver=flatnet', 'named');
  await theirs.succeed('network', 'create', 'named');
  const runs = {
    none: containerOn(ours, 'none', []),
    flatnet: containerOn(ours, 'flatnet', []),
    bridge: containerOn(theirs, 'podman', []),
    'flatnet, port': containerOn(ours, 'flatnet', PORT),
    'bridge, port': containerOn(theirs, 'podman', PORT),
    'flatnet, names': containerOn(ours, 'named', []),
    'bridge, names': containerOn(theirs, 'named', []),
  };
  const turns = Object.entries(runs).map(([name, run]): Turn => async () => ({ [name]: await run() }));
  const samples = beyondNone(await alternate(turns, { rounds, warmUp }));
  return CLAIMS.map((claim) => judge(claim, samples));
};
