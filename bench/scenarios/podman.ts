import { readFile, writeFile } from 'node:fs/promises';
import {
  CONTAINERS_CONF,
  createMachine,
  ENVIRONMENT,
  IMAGE,
  type Machine,
} from '../../test/podman/machine.ts';
import { FLATNET } from '../../test/podman/networks.ts';
import { alternate, type Turn } from '../alternate.ts';
import { DEFAULT_CONFLIST } from '../contenders/chain.ts';
import { median } from '../statistics.ts';
import { type Claim, judge, type Samples } from '../rows.ts';
import { measureTogether } from '../stopwatch.ts';
import type { Scenario } from './scenario.ts';

// Podman does not wait for what cleans up after a container: its processor time is not all there is.
const RUN = { what: 'podman run --rm, beyond --network none', withoutProcessor: true, target: 0.5 };

const CLAIMS: readonly Claim[] = [
  { ...RUN, against: 'default chain', ours: 'flatnet', theirs: 'chain' },
  { ...RUN, against: 'netavark', ours: 'flatnet', theirs: 'netavark' },
];

/** A machine whose Podman uses netavark and its default network. */
async function netavarkMachine(): Promise<Machine> {
  const machine = await createMachine();
  try {
    const file = machine.host.file(CONTAINERS_CONF);
    const conf = await readFile(file, 'utf8');
    await writeFile(
      file,
      conf
        .replace('network_backend = "cni"', 'network_backend = "netavark"')
        .replace(/^network_config_dir = .*$/m, 'network_config_dir = "/run/flatnet-test/netavark"'),
    );
    return machine;
  } catch (cause) {
    await machine.dispose();
    throw cause;
  }
}

/** A turn's command: a container on a network that does nothing and goes. */
export function containerOn({ host }: Machine, network: string, more: readonly string[]) {
  const argv = ['/usr/bin/podman', 'run', '--rm', `--network=${network}`, ...more, IMAGE, '/bin/true'];
  // Not in a real-time class: runc cannot put such a process into the control group of a container.
  return async () => (await measureTogether(host, [[{ argv, env: ENVIRONMENT, input: '' }]])).lanes[0]!;
}

/** What each network adds to a container that has none. */
export function beyondNone({ none = [], ...others }: Samples): Samples {
  const without = median(none.map(({ wallMs }) => wallMs));
  return Object.fromEntries(
    Object.entries(others).map(([name, figures]) => [
      name,
      figures.map((one) => ({ ...one, wallMs: one.wallMs - without })),
    ]),
  );
}

/**
 * A container that does nothing and goes. Each network has a machine of its own, as netavark needs one: Podman asks the
 * plugins of all networks of a machine for their versions, whichever of them a container is on.
 */
export const podman: Scenario = async ({ features, ...rounds }) => {
  await using flatnet = await createMachine(FLATNET);
  await using chain = await createMachine(DEFAULT_CONFLIST);
  await using netavark = await netavarkMachine();
  const port = features.withPort ? ['--publish=20000:80'] : [];
  const runs = {
    none: containerOn(flatnet, 'none', []),
    flatnet: containerOn(flatnet, 'flatnet', port),
    chain: containerOn(chain, 'podman', port),
    netavark: containerOn(netavark, 'podman', port),
  };
  const turns = Object.entries(runs).map(([name, run]): Turn => async () => ({ [name]: await run() }));
  const samples = beyondNone(await alternate(turns, rounds));
  return CLAIMS.map((claim) => judge(claim, samples));
};
