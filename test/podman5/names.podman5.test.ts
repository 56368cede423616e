import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import type { Machine } from '../podman/machine.ts';
import { createMachine5, remainsOf } from './machine.ts';

/* With the aardvark-dns that comes with Podman 5. */

let machine: Machine;

beforeAll(ensureExecutable);
beforeEach(async () => {
  machine = await createMachine5();
});
afterEach(() => machine.dispose());

/** What a container finds for a name, by its own resolv.conf. */
async function found(from: string, name: string): Promise<string> {
  const { stdout } = await machine.podman('exec', from, 'nslookup', '-type=a', name);
  return stdout;
}

describe('containers of Podman 5 on a network with names', () => {
  it('find each other by name, alias and id, and nobody who is gone', async () => {
    await machine.succeed('network', 'create', '--driver=flatnet', '-o', 'names=auto', 'lab');
    await machine.web('web', '--network=lab', '--network-alias=www', '--ip=10.87.2.40');
    await machine.web('db', '--network=lab');
    const id = (await machine.succeed('inspect', '--format', '{{.Id}}', 'web')).slice(0, 12);
    for (const name of ['web', 'web.flatnet', 'www', id])
      expect(await found('db', name)).toContain('10.87.2.40');
    expect(await machine.succeed('exec', 'db', 'cat', '/etc/resolv.conf')).toMatch(
      /^search flatnet\b[^]*nameserver 10\.87\.2\.1$/m,
    );
    await machine.succeed('restart', '--time=0', 'web', 'db');
    expect(await found('db', 'web')).toContain('10.87.2.40');
    await machine.succeed('rm', '--force', '--time=0', 'web');
    expect(await found('db', 'web.flatnet')).not.toContain('10.87.2.40');
    await machine.clear();
    expect(await remainsOf(machine)).toEqual([]);
    const { stdout } = await machine.host.exec(['find', '/run/flatnet-names', '-name', 'net-*']);
    expect(stdout).toBe('');
  });

  it('are told of no server where the network was made with --disable-dns', async () => {
    await machine.succeed(
      'network',
      'create',
      '--driver=flatnet',
      '--disable-dns',
      '-o',
      'names=auto',
      'lab',
    );
    await machine.web('web', '--network=lab');
    expect(await machine.succeed('exec', 'web', 'cat', '/etc/resolv.conf')).not.toContain('10.87.2.1');
  });
});
