import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import type { Machine } from '../podman/machine.ts';
import { expectNames } from '../podman/names.ts';
import { createMachine5, remainsOf } from './machine.ts';
import { DRIVER_PLACE } from './root.ts';

/* With the aardvark-dns that comes with Podman 5. */

let machine: Machine;

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
