import { readdir } from 'node:fs/promises';
import { expect } from 'vitest';
import { type Conflist, createMachine, type Machine, whenAbsent } from './machine.ts';

/** What is left on a machine on which nothing runs. */
interface Remains {
  readonly allocations: readonly string[];
  readonly namespaces: readonly string[];
  /** libcni's memory of attachments that Podman believes in. */
  readonly results: readonly string[];
  /** Links, addresses, routes and rules. */
  readonly network: readonly string[];
}

async function names(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(whenAbsent)) ?? [];
}

async function remainsOf(machine: Machine): Promise<Remains> {
  return {
    allocations: Object.keys(await machine.allocations()),
    namespaces: await names(machine.host.file('/run/netns')),
    results: await names(machine.host.file('/var/lib/cni/results')),
    network: await machine.host.snapshot(),
  };
}

const known = new Map<string, Promise<Remains>>();

/** What networks rightly leave behind (a bridge, its address, tables) once one container was there and is gone. */
function rightfulRemains(networks: readonly Conflist[]): Promise<Remains> {
  const key = JSON.stringify(networks);
  const remains =
    known.get(key) ??
    (async () => {
      await using machine = await createMachine(...networks);
      await machine.web('only', ...networks.map(({ name }) => `--network=${name}`));
      await machine.clear();
      return await remainsOf(machine);
    })();
  known.set(key, remains);
  return remains;
}

/** Removes all containers; the machine must then look as if there had been one container in each of these networks. */
export async function expectNothingLeft(machine: Machine, networks = machine.networks): Promise<void> {
  const rightful = await rightfulRemains(networks);
  expect(rightful).toMatchObject({ allocations: [], namespaces: [], results: [] });
  expect(rightful.network.filter((line) => line.includes(' veth '))).toEqual([]);
  await machine.clear();
  expect(await remainsOf(machine)).toEqual(rightful);
}
