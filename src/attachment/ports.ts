import { familyOf } from '../input/address.ts';
import { FlatnetError } from '../input/error.ts';
import { type Claim, claimsOf, describeClaim, indexClaims } from '../firewall/ports.ts';
import type { Allocation } from '../ipam/types.ts';
import { isServerOfNames } from '../names/port.ts';
import { portHolders, portsOfAncestors } from '../sys/port-holder.ts';
import { type PortProbe, portProbe } from '../sys/port-probe.ts';
import type { Lease } from './leased.ts';
import { mayPublish, recall } from './intent.ts';
import type { Job } from './spec.ts';

/** `owner` is a clause that names the holder, as from describeOwner(). */
export function portTaken(claim: Claim, owner: string, remedy: string): FlatnetError {
  return new FlatnetError('firewall', `Cannot publish ${describeClaim(claim)} of the host: ${owner}`, {
    details: remedy,
  });
}

/** The container that publishes; `isReserved`: its runtime holds the port on its behalf. */
interface Claimant {
  readonly containerID: string;
  readonly isReserved: ReturnType<typeof portsOfAncestors>;
  readonly isListening: PortProbe;
}

/**
 * Names the process that is in the way of a claim. The container's own conmon is not, nor a server of names in the way of all
 * addresses: questions to its own are led to it before the published ports are looked at.
 */
function refuseHolder(claim: Claim, { containerID }: Claimant): void {
  const all = portHolders({ protocol: claim.protocol, port: claim.hostPort });
  if (all.some(({ argv }) => argv.includes(containerID))) return;
  const holders = claim.hostIP === undefined ? all.filter(({ argv }) => !isServerOfNames(argv)) : all;
  const [holder] = holders;
  if (holder === undefined && all.length > 0) return;
  const name = holder === undefined ? 'a process' : `"${holder.argv[0] ?? ''}" (pid ${holder.pid})`;
  throw portTaken(claim, `${name} listens on it`, 'stop that process, or publish another host port');
}

function refuseHeld(claims: readonly Claim[], claimant: Claimant): void {
  const [first] = claims;
  if (first === undefined) return;
  const { protocol, hostPort: port } = first;
  const { isListening } = claimant;
  if (!isListening({ protocol, port }) || claimant.isReserved({ protocol, port })) return;
  for (const claim of claims) {
    const address = claim.hostIP ?? (claim.family === 4 ? '0.0.0.0' : '::');
    if (isListening({ protocol, port, address })) refuseHolder(claim, claimant);
  }
}

/**
 * Refuses ports that a process of the host listens on: publishing would cut it off. Exempt are processes that hold a
 * port for the container itself: Podman's conmon or another with the container's id in its command line (`podman
 * network reload`), and Podman 5 while it waits for the call.
 */
export function refuseHeldPorts(job: Job, lease: Lease): void {
  const families = lease.addresses.map(({ family }) => family);
  const byPort = new Map<string, Claim[]>();
  for (const claim of claimsOf(lease.intent.portMappings, families)) {
    const key = `${claim.protocol} ${claim.hostPort}`;
    byPort.set(key, [...(byPort.get(key) ?? []), claim]);
  }
  const { containerID } = job.attachment;
  const claimant = { containerID, isReserved: portsOfAncestors(), isListening: portProbe(job.ctx) };
  for (const claims of byPort.values()) refuseHeld(claims, claimant);
}

/** `container "web (4f1a…)" on network "flatnet" has it`. */
export function describeOwner({
  containerName,
  containerID,
  network,
}: Pick<Allocation, 'containerName' | 'containerID' | 'network'>): string {
  const name = containerName === undefined ? containerID : `${containerName} (${containerID})`;
  return `container "${name}" on network "${network}" has it`;
}

/**
 * Refuses a host port that another container has requested, by the intents in this data directory, so also while the
 * packet filter is flushed. All others are found in the packet filter (`publish` in firewall/port-plan.ts).
 * @param live live allocations of others, of all networks.
 * @throws FlatnetError naming the container that has one of the ports.
 */
export function refuseTakenPorts(job: Job, families: readonly (4 | 6)[], live: readonly Allocation[]): void {
  const { containerID } = job.attachment;
  const taken = indexClaims<Allocation>();
  const hostPorts = new Set(job.spec.portMappings.map(({ hostPort }) => hostPort));
  for (const holder of live) {
    if (holder.containerID === containerID || !mayPublish(holder.data, hostPorts)) continue;
    const mappings = recall(holder.data)?.portMappings ?? [];
    for (const claim of claimsOf(mappings, [familyOf(holder.address)])) taken.add(claim, holder);
  }
  for (const claim of claimsOf(job.spec.portMappings, families)) {
    const holder = taken.clashing(claim);
    if (holder === undefined) continue;
    throw portTaken(claim, describeOwner(holder), 'stop that container, or publish another host port');
  }
}
