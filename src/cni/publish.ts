import {
  type Claim,
  claimsOf,
  describeClaim,
  indexClaims,
  portElements,
  type PortMapping,
} from '../bridge/ports.ts';
import type { Element } from '../bridge/table.ts';
import type { Allocation } from '../ipam/types.ts';
import { portHolders } from '../sys/port-holder.ts';
import { isListening } from '../sys/port-probe.ts';
import { familyOf } from '../veth/plan.ts';
import { CniError, CODE } from './errors.ts';
import { isHeld } from './holders.ts';
import type { Lease } from './lease.ts';
import { mayPublish, recall } from './memory.ts';
import type { Request } from './request.ts';

/** The refusal of a host port; `owner` says who has it. */
export function portTaken(claim: Claim, owner: string, remedy: string): CniError {
  return new CniError(CODE.firewall, `Cannot publish ${describeClaim(claim)} of the host: ${owner}`, {
    details: remedy,
  });
}

/** True when a process other than the container's own conmon is in the way of a claim, which is then named. */
function refuseHolder(claim: Claim, containerID: string): void {
  const holders = portHolders({ protocol: claim.protocol, port: claim.hostPort });
  if (holders.some(({ argv }) => argv.includes(containerID))) return;
  const [holder] = holders;
  const name = holder === undefined ? 'a process' : `"${holder.argv[0] ?? ''}" (pid ${holder.pid})`;
  throw portTaken(claim, `${name} listens on it`, 'stop that process, or publish another host port');
}

function refuseHeld(claims: readonly Claim[], containerID: string): void {
  const [first] = claims;
  if (first === undefined) return;
  const { protocol, hostPort: port } = first;
  if (!isListening({ protocol, port })) return;
  for (const claim of claims) {
    const address = claim.hostIP ?? (claim.family === 4 ? '0.0.0.0' : '::');
    if (isListening({ protocol, port, address })) refuseHolder(claim, containerID);
  }
}

/**
 * Refuses ports that a process of the host listens on: it would be cut off. Podman's conmon, and whoever else bears
 * the container's id in its command line, holds them for the container itself (`podman network reload`).
 */
export function refuseHeldPorts(request: Request, lease: Lease): void {
  const families = lease.addresses.map(({ family }) => family);
  const byPort = new Map<string, Claim[]>();
  for (const claim of claimsOf(lease.memory.portMappings, families)) {
    const key = `${claim.protocol} ${claim.hostPort}`;
    byPort.set(key, [...(byPort.get(key) ?? []), claim]);
  }
  const { containerID } = request.attachment;
  for (const claims of byPort.values()) refuseHeld(claims, containerID);
}

function ownerOf({ containerName, containerID, network }: Allocation): string {
  const name = containerName === undefined ? containerID : `${containerName} (${containerID})`;
  return `container "${name}" on network "${network}" has it`;
}

/**
 * The mappings that an attachment gets. Where the container publishes a port through another of its networks
 * already, that one stays: Podman hands the same mappings to every network of a container.
 *
 * @param live live allocations of others, of all networks.
 * @throws CniError naming the container that has one of the ports.
 */
export function admitPorts(
  request: Request,
  families: readonly (4 | 6)[],
  live: readonly Allocation[],
): readonly PortMapping[] {
  const { containerID } = request.attachment;
  const taken = indexClaims<Allocation>();
  const hostPorts = new Set(request.conf.portMappings.map(({ hostPort }) => hostPort));
  for (const holder of live) {
    if (!mayPublish(holder.data, hostPorts)) continue;
    const mappings = recall(holder.data)?.portMappings ?? [];
    for (const claim of claimsOf(mappings, [familyOf(holder.address)])) taken.add(claim, holder);
  }
  return request.conf.portMappings.filter((mapping) =>
    claimsOf([mapping], families).every((claim) => {
      const holder = taken.clashing(claim);
      if (holder === undefined) return true;
      if (holder.containerID === containerID) return false;
      throw portTaken(claim, ownerOf(holder), 'stop that container, or publish another host port');
    }),
  );
}

/** The key of a published port ends with it. */
function hostPortOf({ key }: Element): number {
  return Number(key.slice(key.lastIndexOf(' ') + 1));
}

/**
 * The elements that may be removed: not those that lead to a port another container claims by now, whose element
 * took the place of one that a lost DEL had left. A dead one claims nothing, here as in ADD (`admitPorts`).
 */
export function sparedElements(
  elements: readonly Element[],
  others: readonly Allocation[],
): readonly Element[] {
  if (elements.length === 0) return [];
  const hostPorts = new Set(elements.map(hostPortOf));
  const taken = new Set(
    others.flatMap((holder) => {
      if (!mayPublish(holder.data, hostPorts) || !isHeld(holder)) return [];
      const mappings = recall(holder.data)?.portMappings ?? [];
      return portElements('', mappings, [holder.address]).map(({ set, key }) => `${set} ${key}`);
    }),
  );
  return elements.filter(({ set, key }) => !taken.has(`${set} ${key}`));
}
