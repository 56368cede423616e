import { UNBOUNDED } from '../../sys/context.ts';
import { allocationsByLinks, openHostStore } from '../../attachment/store.ts';
import type { Store } from '../../ipam/store.ts';
import type { Allocation } from '../../ipam/types.ts';
import { showLinks } from '../../sys/process/ip.ts';
import { isRunning } from '../../sys/proc.ts';
import { isPresent } from '../../sys/files/text-file.ts';
import { conditionOf } from '../facts/state.ts';
import { CliError } from '../failure.ts';
import { printable } from '../../input/printable.ts';

export type Holding = 'live' | 'being made' | 'dead';

export interface HeldAddress {
  readonly allocation: Allocation;
  readonly holding: Holding;
}

/** @throws CliError if the `--data-dir` does not exist, which means that it was mistyped. */
export function storeIn(dataDir: string | undefined): Store {
  if (dataDir !== undefined && !isPresent(dataDir)) {
    throw new CliError(
      `Cannot open the data directory "${printable(dataDir)}": it does not exist`,
      '"flatnet network inspect" shows the "ipam.dataDir" of a network; without one, leave --data-dir out',
    );
  }
  return openHostStore(dataDir, UNBOUNDED);
}

/** The damage of a state file, and the remedy; `undefined` if it is intact. */
export async function damageOf(store: Store, held: readonly HeldAddress[]): Promise<string | undefined> {
  const { path } = store;
  const condition = await conditionOf(store);
  if (condition === 'outdated')
    return `"${path}" is outdated, the links have other addresses; "flatnet ipam repair" corrects it`;
  if (condition === 'damaged')
    return `"${path}" was damaged or edited by hand; "flatnet ipam repair" sets it aside and rebuilds it from the links`;
  if (condition === 'missing' && held.length > 0)
    return `"${path}" is missing; "flatnet ipam repair" rebuilds it from the links`;
  return undefined;
}

function holdingOf(allocation: Allocation, links: ReadonlySet<string>): Holding {
  if (allocation.hostIfname !== undefined && links.has(allocation.hostIfname)) return 'live';
  return allocation.creator !== undefined && isRunning(allocation.creator) ? 'being made' : 'dead';
}

export interface Scope {
  readonly dataDir: string | undefined;
  readonly network?: string | undefined;
}

/** Addresses in use, sorted by network and address, each with the state of its holder. */
export async function heldAddresses({ dataDir, network }: Scope): Promise<readonly HeldAddress[]> {
  const store = storeIn(dataDir);
  const links = new Set((await showLinks({}, UNBOUNDED)).map(({ ifname }) => ifname));
  const allocations = await store.list(network === undefined ? {} : { network });
  return allocations.map((allocation) => ({ allocation, holding: holdingOf(allocation, links) }));
}

function isCalled({ address, containerName, containerID }: Allocation, name: string): boolean {
  return address === name || containerName === name || (name.length > 0 && containerID.startsWith(name));
}

/** @throws CliError if no address, container name or beginning of an id matches. */
export async function requireHeld(
  name: string,
  dataDir: string | undefined,
): Promise<readonly HeldAddress[]> {
  const found = (await heldAddresses({ dataDir })).filter(({ allocation }) => isCalled(allocation, name));
  if (found.length > 0) return found;
  throw new CliError(
    `Cannot find "${printable(name)}" among the addresses in use`,
    'flatnet ipam list shows them',
  );
}

/** Host links of a data directory whose address is missing from its state. */
export async function strayLinks(
  dataDir: string | undefined,
  held: readonly HeldAddress[],
): Promise<readonly string[]> {
  const known = new Set(held.map(({ allocation }) => `${allocation.hostIfname ?? ''} ${allocation.address}`));
  const proven = await allocationsByLinks(dataDir, UNBOUNDED);
  const strays = proven.filter(({ hostIfname = '', address }) => !known.has(`${hostIfname} ${address}`));
  return [...new Set(strays.map(({ hostIfname = '' }) => hostIfname))];
}
