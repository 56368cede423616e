import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { createMachine, IMAGE, type Machine } from './machine.ts';
import { FLATNET } from './networks.ts';
import { expectNothingLeft } from './remains.ts';

let machine: Machine;

beforeAll(ensureExecutable);
beforeEach(async () => {
  machine = await createMachine(FLATNET);
});
afterEach(() => machine.dispose());

const address = async (name: string): Promise<string> => (await machine.endpoint(name)).IPAddress;
const inUse = async (): Promise<string[]> => Object.keys(await machine.allocations()).sort();

describe('a container on flatnet', () => {
  it('keeps its address over stop and start, while a new one takes another', async () => {
    await machine.web('web1');
    await machine.web('web2');
    const [first, second] = [await address('web1'), await address('web2')];

    await machine.succeed('stop', '--time=0', 'web1');
    expect(await inUse()).toEqual([`flatnet/${second}`]);
    await machine.web('newcomer');
    await machine.succeed('start', 'web1');

    expect([await address('web1'), await address('web2')]).toEqual([first, second]);
    expect([first, second]).not.toContain(await address('newcomer'));
    expect(await machine.fetchPage(first)).toBe('ok');
    await expectNothingLeft(machine);
  });

  it('keeps its address over restart, and reaches the gateway afterwards', async () => {
    await machine.web('other');
    await machine.web('web');
    const before = await address('web');

    await machine.succeed('restart', '--time=0', 'web');

    expect(await address('web')).toBe(before);
    await machine.succeed('exec', 'web', 'ping', '-c', '1', '-W', '2', '10.87.1.1');
    await expectNothingLeft(machine);
  });

  it('gets its address back under its name when it is made anew', async () => {
    await machine.web('web1');
    await machine.web('web2');
    const before = await address('web1');
    await machine.succeed('rm', '--force', '--time=0', 'web1');

    await machine.web('web1');

    expect(await address('web1')).toBe(before);
    await expectNothingLeft(machine);
  });

  it('gives its address back when it is killed, and leaves nothing when it is removed', async () => {
    await machine.web('web');
    expect(await inUse()).toHaveLength(1);

    await machine.succeed('kill', 'web');

    // Podman's cleaning process runs on its own, after "podman kill" has returned.
    await vi.waitFor(
      async () => {
        expect(await inUse()).toEqual([]);
      },
      { timeout: 10_000, interval: 50 },
    );
    await machine.succeed('rm', 'web');
    await expectNothingLeft(machine);
  });

  it('gives its address back when its process is killed from outside', async () => {
    await machine.web('web');
    const pid = Number(await machine.succeed('inspect', '--format={{.State.Pid}}', 'web'));
    expect(pid).toBeGreaterThan(1);

    process.kill(pid, 'SIGKILL');

    await vi.waitFor(
      async () => {
        expect(await inUse()).toEqual([]);
      },
      { timeout: 10_000, interval: 50 },
    );
    await expectNothingLeft(machine);
  });

  it('leaves nothing when it ends by itself', async () => {
    const shown = await machine.succeed(
      'run',
      '--rm',
      '--network=flatnet',
      IMAGE,
      'ip',
      'address',
      'show',
      'dev',
      'eth0',
    );

    expect(shown).toContain('inet 10.87.1.2/24');
    await expectNothingLeft(machine);
  });
});
