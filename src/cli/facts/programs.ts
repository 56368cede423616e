import { occupiedNetns } from '../../sys/occupied.ts';
import { isRoot } from '../../sys/user.ts';
import { type HostNetwork, isOfCni } from '../network/host-network.ts';
import { inspectChained } from './chained.ts';
import { inspectDrivers } from './drivers.ts';
import { type Facts, LOOKED_AT } from './facts.ts';
import { inspectKernel } from './kernel.ts';
import type { Look } from './look.ts';
import { inspectOthers } from './others.ts';
import { inspectPlugins } from './plugin.ts';
import { inspectPodman, knowsNetwork, type Podman } from './podman.ts';

/** Podman lists the networks of its backend only. */
async function unknownNetworks(
  podman: Podman | undefined,
  networks: readonly HostNetwork[],
): Promise<Readonly<Record<string, string>>> {
  const own = networks.filter(({ backend }) => backend === podman?.networkBackend);
  const answers = await Promise.all(own.map(async ({ name }) => ({ name, ...(await knowsNetwork(name)) })));
  return Object.fromEntries(answers.flatMap(({ name, knows, said }) => (knows ? [] : [[name, said]])));
}

/** What other programs and all processes tell. */
export type ProgramFacts = Pick<
  Facts,
  'podman' | 'plugins' | 'drivers' | 'chained' | 'heldByOthers' | 'unknownToPodman' | 'occupied' | 'kernel'
>;

/** Without asking any. */
export const NOT_ASKED: ProgramFacts = {
  podman: undefined,
  plugins: [],
  drivers: [],
  chained: [],
  heldByOthers: [],
  unknownToPodman: {},
  occupied: undefined,
  kernel: undefined,
};

/** Where plugins and drivers are looked for. */
export type ProgramDirectories = Pick<Facts, 'pluginDirectories' | 'driverDirectories'>;

/** Other programs and all processes: slow, and needed by `doctor` only. */
export async function askPrograms(
  look: Look,
  found: readonly HostNetwork[],
  { pluginDirectories, driverDirectories }: ProgramDirectories,
): Promise<ProgramFacts> {
  const ofCni = found.filter(isOfCni);
  const [podman, plugins, drivers, chained, heldByOthers] = await Promise.all([
    look.at(LOOKED_AT.podman, undefined, isRoot() ? inspectPodman : () => undefined),
    look.at('the plugin', [], () => inspectPlugins(pluginDirectories)),
    look.at('the driver', [], () => inspectDrivers(driverDirectories)),
    look.at('the other plugins', [], () => inspectChained(ofCni, pluginDirectories)),
    look.at('addresses of others', [], () => inspectOthers(found, look.ctx)),
  ]);
  const unknownToPodman = await look.at('the networks of Podman', {}, () => unknownNetworks(podman, found));
  const occupied = await look.at('the processes', undefined, isRoot() ? occupiedNetns : () => undefined);
  const kernel = await look.at('the kernel', undefined, isRoot() ? inspectKernel : () => undefined);
  return { podman, plugins, drivers, chained, heldByOthers, unknownToPodman, occupied, kernel };
}
