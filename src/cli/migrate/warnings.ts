import { isAtLeast } from '../../input/version.ts';
import { DRIVER } from '../../netavark/network-file.ts';
import { type ContainersConf, DRIVER_DIRECTORIES } from '../../sys/containers-conf.ts';
import type { Backend } from '../backend.ts';
import type { BackendFacts } from '../facts/backend.ts';
import { LAYOUT } from '../layout.ts';
import { editing } from '../network/suspect.ts';
import { shellWord } from '../self.ts';
import { describeBackend } from './plan.ts';

/** What decides whether a network that was moved can be used. */
export interface Surroundings {
  readonly name: string;
  readonly to: Backend;
  readonly backend: BackendFacts;
  readonly conf: ContainersConf;
  /** Why Podman does not list its containers. */
  readonly unlisted: string | undefined;
  readonly hasDriver: boolean;
}

function otherBackend({ name, to, backend: { podman = '', inUse, why } }: Surroundings): readonly string[] {
  if (inUse === undefined || inUse === to) return [];
  const uses = `Podman ${podman} uses ${describeBackend(inUse)}, because ${why}`;
  return [`${uses}: until that changes it does not find network "${name}"`];
}

/** "flatnet install" has said so to Podman 4; Podman 5 does not start with it. */
function leftSetting({ backend: { podman = '' }, conf }: Surroundings): readonly string[] {
  if (conf.networkBackend !== 'cni' || isAtLeast(podman, [5, 0]) !== true) return [];
  const isOwn = conf.files.at(-1) === LAYOUT.containersConf;
  const remedy = isOwn
    ? `sudo rm ${shellWord(LAYOUT.containersConf)}`
    : `take it out: ${conf.files.map(editing).join(' or ')}`;
  return [`network_backend is "cni", with which Podman ${podman} does not start: ${remedy}`];
}

function missingDriver({ to, conf, hasDriver }: Surroundings): readonly string[] {
  if (to !== 'netavark' || hasDriver) return [];
  const where = (conf.driverDirectories ?? DRIVER_DIRECTORIES).join(', ');
  return [`There is no driver "${DRIVER}" in ${where}: sudo flatnet install --backend netavark`];
}

function unlistedContainers({ unlisted }: Surroundings): readonly string[] {
  if (unlisted === undefined) return [];
  return [`Podman does not list its containers, so that stopped ones may be missing above: ${unlisted}`];
}

/** What keeps the network from being used, or the list of containers from being whole: one line each. Pure. */
export function warningsFor(surroundings: Surroundings): readonly string[] {
  return [
    ...otherBackend(surroundings),
    ...leftSetting(surroundings),
    ...missingDriver(surroundings),
    ...unlistedContainers(surroundings),
  ];
}
