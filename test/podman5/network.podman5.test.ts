import { readFile } from 'node:fs/promises';
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
  await machine.succeed('network', 'prune', '--force');
});
afterAll(() => machine.dispose());

async function inspect(network: string): Promise<any> {
  return JSON.parse(await machine.succeed('network', 'inspect', network))[0];
}

const create = (...words: readonly string[]) =>
  machine.podman('network', 'create', '--driver=flatnet', ...words);

describe('podman network create -d flatnet', () => {
  it('makes a network that Podman shows and keeps, and finds the driver', async () => {
    expect(await machine.succeed('info', '--format={{.Plugins.Network}}')).toContain('flatnet');
    expect(await create('flatnet')).toMatchObject({ exitCode: 0, stdout: 'flatnet\n', stderr: '' });
    expect(await inspect('flatnet')).toMatchObject({
      driver: 'flatnet',
      network_interface: 'flatnet-br0',
      subnets: [{ subnet: '10.87.1.0/24', gateway: '10.87.1.1' }],
      dns_enabled: true,
      ipam_options: { driver: 'flatnet' },
    });
    expect(await machine.succeed('network', 'ls', '--format={{.Name}} {{.Driver}}')).toContain(
      'flatnet flatnet',
    );
    await create('second');
    expect(await inspect('second')).toMatchObject({
      network_interface: 'flatnet-br1',
      subnets: [{ subnet: '10.87.2.0/24' }],
    });
    await machine.succeed('network', 'rm', 'flatnet', 'second');
    expect(await machine.succeed('network', 'ls', '--format={{.Name}}')).toBe('podman');
  });

  it('takes what --subnet, --gateway, --ip-range, --ipv6, --internal, --route, --interface-name and --dns say', async () => {
    const words = [
      '--subnet=10.97.1.0/24',
      '--gateway=10.97.1.254',
      '--ip-range=10.97.1.128/25',
      '--ipv6',
      '--internal',
    ];
    const more = [
      '--route=10.99.0.0/24,10.97.1.2,50',
      '--interface-name=lab0',
      '--dns=10.97.1.53',
      '--label=a=b',
      '--opt=mtu=1400',
    ];
    expect(await create(...words, ...more, 'lab')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await inspect('lab')).toMatchObject({
      network_interface: 'lab0',
      subnets: [
        {
          subnet: '10.97.1.0/24',
          gateway: '10.97.1.254',
          lease_range: { start_ip: '10.97.1.129', end_ip: '10.97.1.255' },
        },
        { subnet: expect.stringMatching(/^fd.*::\/64$/), gateway: expect.stringMatching(/^fd.*::1$/) },
      ],
      routes: [{ destination: '10.99.0.0/24', gateway: '10.97.1.2', metric: 50 }],
      ipv6_enabled: true,
      internal: true,
      network_dns_servers: ['10.97.1.53'],
      labels: { a: 'b' },
      options: { mtu: '1400' },
    });
    await machine.web('web', '--network=lab');
    const endpoint = await machine.endpoint('web', 'lab');
    expect(endpoint).toMatchObject({ IPAddress: '10.97.1.129', Gateway: '10.97.1.254' });
    const routes = await machine.succeed('exec', 'web', 'ip', 'route');
    expect(routes).toContain('10.99.0.0/24 via 10.97.1.2');
    expect(routes).not.toContain('default');
    expect(await machine.succeed('exec', 'web', 'ip', 'link', 'show', 'eth0')).toContain('mtu 1400');
    expect(await machine.succeed('exec', 'web', 'cat', '/etc/resolv.conf')).toContain(
      'nameserver 10.97.1.53',
    );
  });

  it('switches names off with --disable-dns', async () => {
    await create('--disable-dns', 'quiet');
    expect(await inspect('quiet')).toMatchObject({ dns_enabled: false, ipam_options: { driver: 'flatnet' } });
  });

  it.each([
    [['--opt=mut=1400', 'lab'], 'did you mean "mtu"?'],
    [['--opt=vlan=5', 'lab'], 'Cannot do option "vlan"'],
    [['--subnet=10.88.7.0/24', 'lab'], "Podman's default network"],
    [['--ipam-driver=dhcp', 'lab'], 'no addresses by ipam driver "dhcp"'],
    [['--opt=mtu=12', 'lab'], 'expected a whole number from 68 to 65535'],
  ])('refuses %j with words that Podman shows', async (words, said) => {
    const { exitCode, stderr } = await create(...words);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(said);
    expect((await machine.podman('network', 'exists', 'lab')).exitCode).toBe(1);
  });

  it('leaves the addresses to Podman with --ipam-driver host-local, and keeps account of them', async () => {
    await create('--ipam-driver=host-local', 'chosen');
    await machine.web('web', '--network=chosen');
    const { IPAddress: address } = await machine.endpoint('web', 'chosen');
    expect(Object.keys(await machine.allocations())).toEqual([`chosen/${address}`]);
    await untilServed(machine, address);
    await machine.succeed('rm', '--force', '--time=0', 'web');
    expect(await remainsOf(machine)).toEqual([]);
  });

  it('serves a network whose file says nothing of IPAM, as other tools write it', async () => {
    await create('plain');
    const path = machine.host.file('/etc/containers/networks/plain.json');
    const { ipam_options: _ipam, ...file } = JSON.parse(await readFile(path, 'utf8'));
    await machine.host.run(['tee', '/etc/containers/networks/plain.json'], { input: JSON.stringify(file) });
    await machine.succeed(
      'run',
      '--rm',
      '--network=plain',
      '--ip=10.87.2.77',
      IMAGE,
      'ip',
      'address',
      'show',
      'eth0',
    );
    expect(await remainsOf(machine)).toEqual([]);
  });
});
