import { recall } from '../../attachment/intent.ts';
import type { PortMapping } from '../../firewall/ports.ts';
import type { Facts } from './facts.ts';

/** Host ports that lead to running containers, from stored settings and from Podman; each once. */
export function publishedPorts({
  networks,
  containers,
}: Pick<Facts, 'networks' | 'containers'>): readonly PortMapping[] {
  const names = new Set(networks.map(({ network }) => network.name));
  const remembered = networks.flatMap(({ allocations, state }) =>
    allocations.flatMap((one) => (state.dead.includes(one) ? [] : (recall(one.data)?.portMappings ?? []))),
  );
  const known = containers
    .filter(({ state, networks: own }) => state === 'running' && own.some((name) => names.has(name)))
    .flatMap(({ portMappings }) => portMappings);
  const keys = new Map(
    [...remembered, ...known].map((port) => [`${port.protocol} ${port.hostIP} ${port.hostPort}`, port]),
  );
  return [...keys.values()];
}
