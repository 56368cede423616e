import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { createMachine, type Machine } from './machine.ts';
import { FLATNET } from './networks.ts';
import { expectNothingLeft } from './remains.ts';

let machine: Machine;

beforeAll(ensureExecutable);
beforeEach(async () => {
  machine = await createMachine(FLATNET);
});
afterEach(() => machine.dispose());

describe('podman run --network flatnet', () => {
  it('gives three containers .2, .3 and .4, which the host and each of them reach', async () => {
    const names = ['web1', 'web2', 'db1'];
    for (const name of names) await machine.web(name);
    const endpoints = await Promise.all(names.map((name) => machine.endpoint(name)));
    const addresses = endpoints.map(({ IPAddress }) => IPAddress);

    expect(addresses).toEqual(['10.87.1.2', '10.87.1.3', '10.87.1.4']);
    expect(endpoints).toEqual(
      endpoints.map((endpoint) =>
        expect.objectContaining({ ...endpoint, IPPrefixLen: 24, Gateway: '10.87.1.1' }),
      ),
    );
    expect(Object.keys(await machine.allocations()).sort()).toEqual(
      addresses.map((address) => `flatnet/${address}`),
    );
    for (const address of addresses) {
      expect(await machine.fetchPage(address)).toBe('ok');
      for (const name of names) {
        expect(await machine.fetchPage(address, name)).toBe('ok');
        await machine.succeed('exec', name, 'ping', '-c', '1', '-W', '2', address);
      }
    }
    await expectNothingLeft(machine);
  });

  it('reports to the container the MAC and the address that Podman shows', async () => {
    await machine.web('web');
    const { IPAddress, MacAddress } = await machine.endpoint('web');
    const inside = await machine.succeed('exec', 'web', 'ip', 'address', 'show', 'dev', 'eth0');

    expect(inside).toContain(`inet ${IPAddress}/24`);
    expect(inside).toContain(`link/ether ${MacAddress}`);
    await expectNothingLeft(machine);
  });

  it('gives twenty containers started at once twenty addresses, on a machine without bridge and state', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `burst${index}`);
    await Promise.all(names.map((name) => machine.web(name)));
    const endpoints = await Promise.all(names.map((name) => machine.endpoint(name)));
    const addresses = new Set(endpoints.map(({ IPAddress }) => IPAddress));

    expect(addresses.size).toBe(20);
    expect(new Set(endpoints.map(({ MacAddress }) => MacAddress)).size).toBe(20);
    expect(Object.keys(await machine.allocations())).toHaveLength(20);
    for (const address of addresses) expect(await machine.fetchPage(address)).toBe('ok');
    await expectNothingLeft(machine);
  });

  it('gives a container that asks for no network none', async () => {
    await machine.web('alone', '--network=none');

    expect(await machine.succeed('exec', 'alone', 'ls', '/sys/class/net')).toBe('lo');
  });
});
