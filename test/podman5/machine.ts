import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect } from 'vitest';
import { createHost } from '../../conformance/host.ts';
import { EXECUTABLE } from '../executable.ts';
import {
  CONTAINERS_CONF,
  ENGINE_CONF,
  importImage,
  type Machine,
  placeMachine,
  STORAGE,
  STORAGE_CONF,
  whenAbsent,
} from '../podman/machine.ts';
import { DRIVER_PLACE, ensureRoot, enterRoot, type Shared } from './root.ts';

/** How a machine differs from the plain one. */
export interface MachineOptions {
  /** Another flatnet than dist/flatnet. */
  readonly executable?: string;
  /** Further files of this machine that are in it. */
  readonly shared?: readonly Shared[];
}

/**
 * A throw-away Debian whose Podman 5 finds dist/flatnet as a driver of netavark.
 *
 * @param place where dist/flatnet is in it.
 */
export async function createMachine5(
  place = DRIVER_PLACE,
  { executable = EXECUTABLE, shared = [] }: MachineOptions = {},
): Promise<Machine> {
  const tree = await ensureRoot();
  const host = await createHost({ cgroups: true, tmpfs: ['/dev/shm'] });
  try {
    await enterRoot(host, tree, [{ file: executable, place }, ...shared]);
    await mkdir(host.file(dirname(CONTAINERS_CONF)), { recursive: true });
    await writeFile(host.file(CONTAINERS_CONF), ENGINE_CONF);
    await writeFile(host.file(STORAGE_CONF), STORAGE);
    const machine = placeMachine(host);
    await importImage(machine);
    return machine;
  } catch (cause) {
    await host.dispose();
    throw cause;
  }
}

/** What is still there of attachments: pairs, addresses, namespaces, and elements of the packet filter. */
export async function remainsOf(machine: Machine): Promise<readonly string[]> {
  const { host } = machine;
  const links: { ifname: string }[] = JSON.parse(
    await host.run(['ip', '-j', 'link', 'show', 'type', 'veth']),
  );
  const namespaces = (await readdir(host.file('/run/netns')).catch(whenAbsent)) ?? [];
  const { stdout: rules } = await host.exec(['nft', 'list', 'table', 'inet', 'flatnet']);
  return [
    ...links.map(({ ifname }) => ifname).filter((name) => name.startsWith('fn')),
    ...Object.keys(await machine.allocations()),
    ...namespaces.filter((name) => name.startsWith('netns-')),
    ...rules.split('\n').filter((line) => /comment "fn[0-9a-z]{13}/.test(line)),
  ];
}

/** Waits for the page of a web container; its server may have only just been started. */
export async function untilServed(machine: Machine, address: string, from?: string): Promise<void> {
  const page = () => machine.fetchPage(address, from).catch(() => 'nothing');
  await expect.poll(page, { timeout: 10_000 }).toBe('ok');
}
