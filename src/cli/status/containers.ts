import type { Allocation } from '../../ipam/types.ts';
import type { Facts } from '../facts/facts.ts';
import { undescribed } from '../facts/hidden.ts';
import { byAddress } from '../facts/networks.ts';
import type { PodmanContainer } from '../facts/podman.ts';
import { CliError } from '../failure.ts';
import type { Io } from '../io.ts';
import { count, formatDuration } from '../text/format.ts';
import { shortPort } from '../text/port.ts';
import { styleFor } from '../text/style.ts';
import { type Column, renderTable } from '../text/table.ts';
import { publishedPorts } from './model.ts';

/** A container of a flatnet network, known to Podman or only to the kernel. */
export interface ContainerStatus {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly state: string;
  readonly addresses: readonly string[];
  readonly networks: readonly string[];
  readonly ports: readonly string[];
  /** Seconds; `undefined` if it is not running. */
  readonly uptime: number | undefined;
}

/** Includes networks that no conflist defines. */
function allocationsOf(facts: Facts): readonly Allocation[] {
  return [...facts.networks.flatMap(({ allocations }) => allocations), ...undescribed(facts)];
}

function fromPodman(facts: Facts, container: PodmanContainer): ContainerStatus {
  const { id, name, image, state, networks, ports, startedAt } = container;
  const held = allocationsOf(facts).filter(({ containerID }) => containerID === id);
  const isRunning = state === 'running' && startedAt > 0;
  return {
    id,
    name,
    image,
    state,
    addresses: held.map(({ address }) => address),
    networks,
    ports,
    uptime: isRunning ? Math.max(0, Math.floor(facts.now.getTime() / 1000 - startedAt)) : undefined,
  };
}

/** Containers of other engines, which only the allocations name. */
function fromAllocations(facts: Facts, known: ReadonlySet<string>): readonly ContainerStatus[] {
  const all = allocationsOf(facts);
  const ids = [...new Set(all.map(({ containerID }) => containerID))].filter((id) => !known.has(id));
  return ids.map((id) => {
    const own = all.filter(({ containerID }) => containerID === id);
    return {
      id,
      name: own[0]?.containerName ?? '',
      image: '',
      state: 'unknown',
      addresses: own.map(({ address }) => address),
      networks: [...new Set(own.map(({ network }) => network))],
      ports: [...new Set(own.flatMap(({ data }) => publishedPorts(data)))],
      uptime: undefined,
    };
  });
}

/** The order of `flatnet status`; containers without an address last. */
function byFirstAddress(
  { addresses: [one] }: ContainerStatus,
  { addresses: [other] }: ContainerStatus,
): number {
  if (one === undefined || other === undefined)
    return Number(one === undefined) - Number(other === undefined);
  return byAddress({ address: one }, { address: other });
}

export function containersOf(facts: Facts, withStopped: boolean): readonly ContainerStatus[] {
  const names = facts.networks.map(({ network }) => network.name);
  const podmans = facts.containers;
  const members = podmans
    .map((container) => fromPodman(facts, container))
    .filter(
      ({ networks, addresses }) => addresses.length > 0 || networks.some((name) => names.includes(name)),
    );
  const others = fromAllocations(facts, new Set(podmans.map(({ id }) => id)));
  return [...members.filter(({ state }) => withStopped || state === 'running'), ...others].toSorted(
    byFirstAddress,
  );
}

const FILTERS = ['name', 'id', 'image', 'state', 'network'] as const;

function valueFor(container: ContainerStatus, key: (typeof FILTERS)[number]): string {
  return key === 'network' ? container.networks.join(' ') : container[key];
}

/**
 * @param filter `key=text`, or a text to find anywhere.
 * @throws CliError if the key is unknown.
 */
export function matches(container: ContainerStatus, filter: string): boolean {
  const at = filter.indexOf('=');
  const key = FILTERS.find((name) => name === filter.slice(0, Math.max(0, at)));
  if (at > 0 && key === undefined) {
    throw new CliError(
      `Cannot filter by "${filter}"`,
      `Known: ${FILTERS.map((name) => `${name}=`).join(', ')} or a text`,
    );
  }
  if (key !== undefined) return valueFor(container, key).includes(filter.slice(at + 1));
  return [...FILTERS.map((name) => valueFor(container, name)), ...container.addresses].some((text) =>
    text.includes(filter),
  );
}

const COLUMNS: readonly Column[] = [
  { title: 'CONTAINER ID' },
  { title: 'NAME', min: 12 },
  { title: 'ADDRESS' },
  { title: 'STATE' },
  { title: 'UPTIME', align: 'right' },
  { title: 'PORTS', min: 8 },
  { title: 'IMAGE', min: 10 },
];

/** `docker.io/library/nginx:alpine` becomes `nginx:alpine`. */
function shortImage(image: string): string {
  const parts = image.split('/');
  const first = parts[0] ?? '';
  const isRegistry = parts.length > 1 && (first.includes('.') || first === 'localhost');
  const name = isRegistry ? parts.slice(1).join('/') : image;
  return first === 'docker.io' ? name.replace(/^library\//, '') : name;
}

export function renderContainers(containers: readonly ContainerStatus[], io: Io): string {
  const style = styleFor(io.color);
  if (containers.length === 0) return 'No container runs in a flatnet network.\n';
  const rows = containers.map(({ id, name, addresses, state, uptime, ports, image }) => [
    id.slice(0, 12),
    name,
    addresses.length === 0 ? '-' : addresses.join(', '),
    state,
    uptime === undefined ? '-' : formatDuration(uptime),
    ports.map(shortPort).join(', '),
    shortImage(image),
  ]);
  const lines = renderTable(rows, { columns: COLUMNS, width: io.columns, title: style.bold });
  const addresses = containers.reduce((sum, container) => sum + container.addresses.length, 0);
  return `${lines.join('\n')}\n\n${style.dim(`Total: ${count(containers.length, 'container')}, ${count(addresses, 'address')}`)}\n`;
}
