import { readFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import type { Machine } from '../podman/machine.ts';
import { expectNames, found } from '../podman/names.ts';
import { createMachine5, remainsOf } from './machine.ts';
import { DRIVER_PLACE } from './root.ts';

/* With the aardvark-dns that comes with Podman 5. */

let machine: Machine;

/** Holds port 53 of all addresses, as a server of the host does. */
const HOLD = `
  my %of = (LocalAddr => "0.0.0.0", LocalPort => 53, ReuseAddr => 1);
  my $tcp = IO::Socket::INET->new(%of, Proto => "tcp", Listen => 5) or die $!;
  my $udp = IO::Socket::INET->new(LocalAddr => "0.0.0.0", LocalPort => 53, Proto => "udp") or die $!;
  open(my $flag, ">", "/run/held");
  sleep 1000000;
`;

beforeAll(ensureExecutable);
beforeEach(async () => {
  machine = await createMachine5();
});
afterEach(() => machine.dispose());

describe('containers of Podman 5', () => {
  it('find each other by name, alias, id and pod, and nobody who is gone', async () => {
    await machine.succeed('network', 'create', '--driver=flatnet', 'lab');
    await expectNames(machine, 'lab');
    expect(await remainsOf(machine)).toEqual([]);
    const { stdout } = await machine.host.exec(['find', '/run/flatnet-names', '-name', 'net-*']);
    expect(stdout).toBe('');
  });

  it('find each other where others have port 53, on all networks of the server, and at 53 when that is free again', async () => {
    const { host } = machine;
    const taken = host.start(['perl', '-MIO::Socket::INET', '-e', HOLD], { timeoutMs: 120_000 });
    await expect.poll(async () => (await host.exec(['test', '-e', '/run/held'])).exitCode).toBe(0);
    for (const name of ['lab', 'more']) {
      await machine.succeed('network', 'create', '--driver=flatnet', name);
      await machine.web(`${name}-web`, `--network=${name}`);
      await machine.web(`${name}-db`, `--network=${name}`);
    }
    const server = async () =>
      (await readFile(host.file('/run/flatnet-names/aardvark/flatnet/aardvark.pid'), 'utf8')).trim();
    const answers = async () => [
      (await found(machine, 'lab-db', 'lab-web')).length,
      (await found(machine, 'more-db', 'more-web')).length,
      /--port\0(\d+)/.exec(await readFile(`/proc/${await server()}/cmdline`, 'utf8'))?.[1],
    ];
    expect(await answers()).toEqual([1, 1, '10053']);
    taken.kill('SIGTERM');
    await taken.result;
    process.kill(Number(await server()), 'SIGKILL');
    await machine.succeed('rm', '--force', '--time=0', 'more-db');
    await machine.web('more-db', '--network=more');
    expect(await answers()).toEqual([1, 1, '53']);
    await machine.clear();
    expect((await host.run(['nft', 'list', 'map', 'inet', 'flatnet', 'names4'])).includes('elements')).toBe(
      false,
    );
  });

  it('publish port 53 of the host, and are asked for no names', async () => {
    await machine.succeed('network', 'create', '--driver=flatnet', 'lab');
    const published = ['--publish=53:80', '--publish=53:80/udp'];
    await machine.web('dns', '--network=lab', ...published);
    await machine.web('db', '--network=lab');
    expect(await found(machine, 'db', 'dns')).toHaveLength(1);
  });

  it('have flatnet’s domain and server first in their resolv.conf', async () => {
    await machine.succeed('network', 'create', '--driver=flatnet', '--dns=10.87.2.53', 'lab');
    await machine.web('web', '--network=lab');
    expect(await machine.succeed('exec', 'web', 'cat', '/etc/resolv.conf')).toMatch(
      /^search flatnet\b[^]*?nameserver 10\.87\.2\.1\nnameserver 10\.87\.2\.53$/m,
    );
    const { stdout: report } = await machine.host.exec([DRIVER_PLACE, 'doctor']);
    expect(report).toMatch(/✓ names +\S+aardvark-dns 1\.\d+\.\d+ answers at 10\.87\.2\.1 about 1 container/);
  });

  it('get no network whose server is named and missing', async () => {
    await machine.host.run(['mount', '--bind', '/dev/null', '/usr/sbin/dnsmasq']).catch(() => undefined);
    const asked = ['network', 'create', '--driver=flatnet', '-o', 'names=dnsmasq', 'lab'];
    const { exitCode, stderr } = await machine.podman(...asked);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('Cannot serve the names of network "lab" by "dnsmasq"');
    expect(stderr).toContain('package dnsmasq-base');
  });

  it('are told of no server where the network was made with --disable-dns', async () => {
    const without = ['--driver=flatnet', '--disable-dns', '-o', 'names=auto'];
    await machine.succeed('network', 'create', ...without, 'lab');
    await machine.web('web', '--network=lab');
    expect(await machine.succeed('exec', 'web', 'cat', '/etc/resolv.conf')).not.toContain('10.87.2.1');
  });
});
