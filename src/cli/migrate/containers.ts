import { parseAddress } from '../../input/address.ts';
import { isDynamic, rangeOf } from '../../ipam/range.ts';
import type { Released } from '../../ipam/state.ts';
import type { Allocation, Pool } from '../../ipam/types.ts';
import { byAddress } from '../facts/networks.ts';
import type { PodmanContainer } from '../facts/podman.ts';

/** What is known of a network's containers. */
export interface Known {
  readonly held: readonly Allocation[];
  /** Those of `held` whose container is gone without having been detached. */
  readonly dead: readonly Allocation[];
  readonly remembered: readonly Released[];
  /** Podman's containers on the network. */
  readonly podman: readonly PodmanContainer[];
}

/** A container of the network, which has to be made anew. */
export interface Mover {
  /** Absent where nobody told it: such a container does not keep its addresses. */
  readonly name?: string;
  readonly id: string;
  readonly addresses: readonly string[];
  /** `attached`: it has its interface; `stopped`: Podman has it, without; `gone`: nothing but its address is left. */
  readonly state: 'attached' | 'stopped' | 'gone';
  /** Addresses that a container gets only if it asks (`--ip`): they lie where none are given out. */
  readonly onlyIfAsked: readonly string[];
}

type Entry = Pick<Allocation, 'address' | 'containerID' | 'containerName'>;

/** One entry for each container, in the order of their addresses. */
function grouped(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const groups = new Map<string, Entry[]>();
  for (const entry of [...entries].sort(byAddress)) {
    const { containerID: id } = entry;
    groups.set(id, [...(groups.get(id) ?? []), entry]);
  }
  return [...groups.values()];
}

/** Which of the pool's range sets an address is of; -1 for one that it no longer has. */
function setOf({ sets }: Pool, text: string): number {
  const address = parseAddress(text);
  return address === undefined ? -1 : sets.findIndex((set) => rangeOf(set, address) !== undefined);
}

function isGivenOut({ sets }: Pool, text: string): boolean {
  const address = parseAddress(text);
  const range = address && rangeOf(sets.flat(), address);
  return range !== undefined && address !== undefined && isDynamic(range, address.value);
}

/** The latest address of each range set, as the next container of the name gets them. */
function latest(pool: Pool, entries: readonly Released[]): readonly string[] {
  const bySet = new Map(entries.map(({ address }) => [setOf(pool, address), address]));
  bySet.delete(-1);
  return [...bySet.values()]
    .map((address) => ({ address }))
    .sort(byAddress)
    .map(({ address }) => address);
}

function moverOf(pool: Pool, mover: Omit<Mover, 'onlyIfAsked'>): Mover {
  return { ...mover, onlyIfAsked: mover.addresses.filter((address) => !isGivenOut(pool, address)) };
}

function named(name: string | undefined): { readonly name?: string } {
  return name === undefined || name === '' ? {} : { name };
}

function movers({ held, dead, podman }: Known, pool: Pool): readonly Mover[] {
  return grouped(held).map((entries) => {
    const [first] = entries;
    const { containerID: id = '', containerName } = first ?? {};
    const isDead = dead.some(({ containerID }) => containerID === id);
    const known = podman.find((one) => one.id === id);
    return moverOf(pool, {
      ...named(containerName ?? known?.name),
      id,
      addresses: entries.map(({ address }) => address),
      state: isDead ? (known === undefined ? 'gone' : 'stopped') : 'attached',
    });
  });
}

function stoppedOnes({ held, remembered, podman }: Known, pool: Pool): readonly Mover[] {
  return podman
    .filter(({ id }) => !held.some(({ containerID }) => containerID === id))
    .map(({ id, name }) => {
      const own = remembered.filter((one) => one.containerID === id || one.containerName === name);
      return moverOf(pool, { ...named(name), id, addresses: latest(pool, own), state: 'stopped' });
    });
}

function formerOnes({ remembered }: Known, pool: Pool, listed: readonly Mover[]): readonly Mover[] {
  const names = new Set(remembered.flatMap(({ containerName }) => containerName ?? []));
  return [...names]
    .filter((name) => !listed.some((mover) => mover.name === name))
    .flatMap((name) => {
      const own = remembered.filter(({ containerName }) => containerName === name);
      const addresses = latest(pool, own);
      const id = own.at(-1)?.containerID ?? '';
      return addresses.length === 0 ? [] : [moverOf(pool, { name, id, addresses, state: 'gone' })];
    });
}

/**
 * The containers of a network, and the names that addresses are remembered for. Pure.
 *
 * @param pool of the network as it will be.
 */
export function listMovers(known: Known, pool: Pool): readonly Mover[] {
  const present = [...movers(known, pool), ...stoppedOnes(known, pool)];
  return [...present, ...formerOnes(known, pool, present)];
}
