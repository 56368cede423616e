import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { IMAGE, type Machine } from '../podman/machine.ts';
import { createMachine5, remainsOf, untilServed } from './machine.ts';

let machine: Machine;

beforeAll(async () => {
  await ensureExecutable();
  machine = await createMachine5();
});
afterEach(async () => {
  await machine.clear();
  expect(await remainsOf(machine)).toEqual([]);
  await machine.succeed('network', 'prune', '--force');
});
afterAll(() => machine.dispose());

const create = (name: string, ...words: readonly string[]) =>
  machine.succeed('network', 'create', '--driver=flatnet', ...words, name);
const held = async (): Promise<string[]> => Object.keys(await machine.allocations()).sort();
const addressOf = async (name: string, network = 'flatnet') =>
  (await machine.endpoint(name, network)).IPAddress;

/** Starts a container, which has to fail, and returns the one line in which Podman says why. */
async function refusal(...options: readonly string[]): Promise<string> {
  const { exitCode, stderr } = await machine.podman('run', '--rm', ...options, IMAGE, 'true');
  expect(exitCode, stderr).toBe(126);
  const errors = stderr.split('\n').filter((line) => line.startsWith('Error: '));
  expect(errors).toHaveLength(1);
  return errors[0] ?? '';
}

describe('podman run --network flatnet on Podman 5', () => {
  it('gives three containers .2, .3 and .4, which the host and each of them reach', async () => {
    await create('flatnet');
    const names = ['web1', 'web2', 'db1'];
    for (const name of names) await machine.web(name, '--network=flatnet');
    const addresses = await Promise.all(names.map((name) => addressOf(name)));
    expect(addresses).toEqual(['10.87.1.2', '10.87.1.3', '10.87.1.4']);
    for (const address of addresses) {
      await untilServed(machine, address);
      for (const name of names) await untilServed(machine, address, name);
    }
  });

  it('gives twenty containers started at once twenty addresses, on a machine without bridge and state', async () => {
    await create('flatnet');
    const names = Array.from({ length: 20 }, (_, index) => `burst${index}`);
    await Promise.all(names.map((name) => machine.web(name, '--network=flatnet')));
    const endpoints = await Promise.all(names.map((name) => machine.endpoint(name, 'flatnet')));
    expect(new Set(endpoints.map(({ IPAddress }) => IPAddress)).size).toBe(20);
    expect(new Set(endpoints.map(({ MacAddress }) => MacAddress)).size).toBe(20);
    expect(await held()).toHaveLength(20);
    for (const { IPAddress } of endpoints) await untilServed(machine, IPAddress);
  });

  it('gives a container that asks for no network none', async () => {
    await machine.web('alone', '--network=none');
    expect(await machine.succeed('exec', 'alone', 'ls', '/sys/class/net')).toBe('lo');
  });

  it('gives the containers of a pod one address, at which they reach each other by 127.0.0.1', async () => {
    await create('flatnet');
    const infra = [`--infra-image=${IMAGE}`, '--infra-command=/bin/sleep 1000000'];
    await machine.succeed('pod', 'create', '--name=pod', '--network=flatnet', ...infra);
    await machine.web('web', '--pod=pod');
    await machine.succeed('run', '--detach', '--pod=pod', '--name=beside', IMAGE, 'sleep', '1000000');
    const [one = '', ...others] = await held();
    expect(others).toEqual([]);
    await untilServed(machine, one.replace('flatnet/', ''));
    await untilServed(machine, '127.0.0.1', 'beside');
  });

  it('gives its address back when it is killed by Podman, and reaches the gateway after a restart', async () => {
    await create('flatnet');
    await machine.web('web', '--network=flatnet');
    await machine.succeed('restart', '--time=0', 'web');
    await machine.succeed('exec', 'web', 'ping', '-c', '1', '-W', '2', '10.87.1.1');
    await machine.succeed('kill', 'web');
    // Podman's cleaning process runs on its own, after "podman kill" has returned.
    await expect.poll(held, { timeout: 10_000 }).toEqual([]);
  });
});

describe('podman run on Podman 5 says in one line what is wrong and what to do, and leaves nothing', () => {
  it('when no address is left; a freed one serves the next', async () => {
    await create('tiny', '--subnet=10.98.0.0/29');
    for (const name of ['a', 'b', 'c', 'd', 'e']) await machine.web(name, '--network=tiny');
    const line = await refusal('--network=tiny');
    expect(line).toContain('no address left');
    expect(line).toContain('10.98.0.1-10.98.0.6');
    expect(line).toContain('Remove containers, widen the range');
    await machine.succeed('rm', '--force', '--time=0', 'c');
    await machine.web('f', '--network=tiny');
    expect(await addressOf('f', 'tiny')).toBe('10.98.0.4');
  });

  it('when the address lies outside the network', async () => {
    await create('flatnet');
    const line = await refusal('--network=flatnet', '--ip=198.51.100.9');
    expect(line).toContain('198.51.100.9');
    expect(line).toContain('10.87.1.0/24');
  });

  it('when the bridge cannot be made because its name is taken', async () => {
    await create('flatnet', '--interface-name=lab0');
    await machine.host.run(['ip', 'link', 'add', 'lab0', 'type', 'veth', 'peer', 'name', 'other']);
    const line = await refusal('--network=flatnet');
    expect(line).toContain('"lab0" exists but is not a bridge');
    expect(line).toContain('ip -d address show lab0');
    await machine.host.run(['ip', 'link', 'delete', 'lab0']);
    await machine.web('afterwards', '--network=flatnet');
  });

  it('when the pair cannot be made because the interface is there already', async () => {
    await create('flatnet');
    const line = await refusal('--network=flatnet:interface_name=lo');
    expect(line).toContain('Interface "lo" exists already');
    await machine.web('afterwards', '--network=flatnet');
  });

  it('when a value in the file of the network has the wrong type', async () => {
    await create('flatnet');
    const file = '/etc/containers/networks/flatnet.json';
    await machine.host.run(['sed', '-i', 's/"driver": "flatnet",/&"options": {"mtu": "big"},/', file]);
    expect(await refusal('--network=flatnet')).toContain('"big": expected a whole number from 68 to 65535');
    await machine.host.run(['sed', '-i', 's/"options": {"mtu": "big"},//', file]);
    await machine.web('afterwards', '--network=flatnet');
  });
});
