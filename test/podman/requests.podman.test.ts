import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { createMachine, IMAGE, type Machine } from './machine.ts';
import { BACKNET, FLATNET } from './networks.ts';
import { expectNothingLeft } from './remains.ts';

let machine: Machine;

beforeAll(ensureExecutable);
beforeEach(async () => {
  machine = await createMachine(FLATNET, BACKNET);
});
afterEach(() => machine.dispose());

const inUse = async (): Promise<string[]> => Object.keys(await machine.allocations()).sort();
const linksOf = async (container: string): Promise<string[]> =>
  (await machine.succeed('exec', container, 'ls', '/sys/class/net')).split('\n').sort();

describe('podman run --ip, --mac-address', () => {
  it('gives the address that was asked for', async () => {
    await machine.web('web', '--ip=10.87.1.77');

    expect(await machine.endpoint('web')).toMatchObject({ IPAddress: '10.87.1.77', IPPrefixLen: 24 });
    expect(await machine.fetchPage('10.87.1.77')).toBe('ok');
    await expectNothingLeft(machine, [FLATNET]);
  });

  it('refuses an address that another container has, naming that container, which keeps it', async () => {
    await machine.web('holder', '--ip=10.87.1.77');

    const refused = await machine.podman('run', '--network=flatnet', '--ip=10.87.1.77', IMAGE, 'true');

    expect(refused).toMatchObject({ exitCode: 126 });
    expect(refused.stderr).toContain('10.87.1.77');
    expect(refused.stderr).toContain('holder');
    expect(await inUse()).toEqual(['flatnet/10.87.1.77']);
    expect(await machine.fetchPage('10.87.1.77')).toBe('ok');
    await expectNothingLeft(machine, [FLATNET]);
  });

  it('refuses an address outside the network, naming address and network', async () => {
    const refused = await machine.podman('run', '--network=flatnet', '--ip=192.0.2.9', IMAGE, 'true');

    expect(refused).toMatchObject({ exitCode: 126 });
    expect(refused.stderr).toContain('192.0.2.9');
    expect(refused.stderr).toContain('10.87.1.0/24');
    await machine.web('afterwards');
    await expectNothingLeft(machine, [FLATNET]);
  });

  it('gives the MAC that was asked for', async () => {
    await machine.web('web', '--mac-address=02:00:00:00:00:2a');

    expect(await machine.endpoint('web')).toMatchObject({ MacAddress: '02:00:00:00:00:2a' });
    expect(await machine.succeed('exec', 'web', 'cat', '/sys/class/net/eth0/address')).toBe(
      '02:00:00:00:00:2a',
    );
    await expectNothingLeft(machine, [FLATNET]);
  });
});

describe('a container in two networks', () => {
  it('has an interface and an address in each, and leaves neither', async () => {
    await machine.web('web', '--network=flatnet', '--network=backnet');

    const [front, back] = [
      await machine.endpoint('web', 'flatnet'),
      await machine.endpoint('web', 'backnet'),
    ];
    expect([front.IPAddress, back.IPAddress]).toEqual(['10.87.1.2', '10.99.0.2']);
    expect(await linksOf('web')).toEqual(['eth0', 'eth1', 'lo']);
    expect(await machine.fetchPage('10.87.1.2')).toBe('ok');
    expect(await machine.fetchPage('10.99.0.2')).toBe('ok');
    await expectNothingLeft(machine);
  });

  it('can be connected while it runs, and disconnected without losing the other network', async () => {
    await machine.web('web');
    await machine.succeed('network', 'connect', 'backnet', 'web');
    expect(await linksOf('web')).toEqual(['eth0', 'eth1', 'lo']);
    expect(await machine.fetchPage('10.99.0.2')).toBe('ok');

    await machine.succeed('network', 'disconnect', 'backnet', 'web');

    expect(await linksOf('web')).toEqual(['eth0', 'lo']);
    expect(await inUse()).toEqual(['flatnet/10.87.1.2']);
    expect(await machine.fetchPage('10.87.1.2')).toBe('ok');
    await expectNothingLeft(machine);
  });
});

describe('podman network reload', () => {
  it('keeps address and MAC, and the container is reached again', async () => {
    await machine.web('web');
    const before = await machine.endpoint('web');

    await machine.succeed('network', 'reload', 'web');

    expect(await machine.endpoint('web')).toEqual(before);
    expect(await machine.fetchPage(before.IPAddress)).toBe('ok');
    await expectNothingLeft(machine, [FLATNET]);
  });
});

describe('a pod', () => {
  it('has one address for all its containers, and leaves nothing', async () => {
    const infra = [`--infra-image=${IMAGE}`, '--infra-command=/bin/sleep 1000000'];
    await machine.succeed('pod', 'create', '--name=pod', '--network=flatnet', ...infra);
    await machine.web('web', '--pod=pod');
    await machine.succeed('run', '--detach', '--pod=pod', '--name=beside', IMAGE, 'sleep', '1000000');

    expect(await inUse()).toEqual(['flatnet/10.87.1.2']);
    expect(await machine.fetchPage('10.87.1.2')).toBe('ok');
    expect(await machine.fetchPage('127.0.0.1', 'beside')).toBe('ok');
    await expectNothingLeft(machine, [FLATNET]);
  });
});
