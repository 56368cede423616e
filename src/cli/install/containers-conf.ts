import { OWN_MARK } from '../forwarding/persist.ts';
import { isAtLeast } from '../../input/version.ts';
import { type BackendFacts } from '../facts/backend.ts';
import { listContainers } from '../facts/podman.ts';
import type { Layout } from '../layout.ts';
import type { Step } from './install.ts';
import { placeOwn } from './own-file.ts';

/** What Podman 4 is told, so that netavark, when it comes to be installed, takes no network away. */
const TEXT = `${OWN_MARK}
[network]
network_backend = "cni"
`;

/** What is known of the choice of Podman 4. */
export interface Undecided {
  readonly backend: BackendFacts;
  /** Files that say otherwise. */
  readonly files: readonly string[];
}

/** Whether Podman 4 would use netavark now, or could once it is installed. */
function isOpen({ podman, configured, stored, inUse }: BackendFacts): boolean {
  if (podman === undefined || isAtLeast(podman, [4, 0]) !== true || isAtLeast(podman, [5, 0]) !== false)
    return false;
  return configured !== 'cni' && (inUse === 'netavark' || stored === undefined);
}

/** Makes Podman 4 use CNI where nothing says so. It keeps what was configured, and netavark where it has containers. */
export async function settleOnCni(layout: Layout, { backend, files }: Undecided): Promise<readonly Step[]> {
  const path = layout.containersConf;
  if (layout.root !== '/' || !isOpen(backend)) return [];
  if (backend.configured !== undefined) {
    const note = `network_backend is "${backend.configured}": Podman ${backend.podman ?? ''} reads the network only where it is "cni"`;
    return [{ path: files.at(-1) ?? path, outcome: 'kept', note }];
  }
  const containers = backend.inUse === 'netavark' ? await listContainers() : [];
  if (containers.length > 0) {
    const names = containers.map(({ name }) => name).join(', ');
    const note = `not written: Podman uses netavark, and ${names} would lose their networks; flatnet doctor has the command that changes it`;
    return [{ path, outcome: 'kept', note }];
  }
  const outcome = placeOwn(layout, { path, texts: [TEXT] }, TEXT);
  return [{ path, outcome, ...(outcome === 'written' ? { note: 'network_backend = "cni"' } : {}) }];
}
