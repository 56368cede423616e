import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { ENVIRONMENT, IMAGE, type Machine } from '../podman/machine.ts';
import { createMachine5, remainsOf } from './machine.ts';
import { DRIVER_PLACE } from './root.ts';

let machine: Machine;

beforeAll(ensureExecutable);
beforeEach(async () => {
  machine = await createMachine5();
  await machine.succeed('network', 'create', '--driver=flatnet', 'flatnet');
});
afterEach(() => machine.dispose());

const flatnet = (...args: readonly string[]) =>
  machine.host.exec([DRIVER_PLACE, ...args], { env: ENVIRONMENT, timeoutMs: 60_000 });

const REAL = '/run/stub/real';
const STUB = '/run/stub/flatnet';

/** Puts a script in the place of the driver, which is `$REAL` for it. */
async function replaceDriver(script: string): Promise<void> {
  const { host } = machine;
  await host.run(['mkdir', '-p', '/run/stub']);
  await host.run(['cp', DRIVER_PLACE, REAL]);
  await host.run(['tee', STUB], { input: `#!/bin/sh\n${script.replaceAll('$REAL', REAL)}\n` });
  await host.run(['chmod', '+x', STUB]);
  await host.run(['mount', '--bind', STUB, DRIVER_PLACE]);
}

const restoreDriver = () => machine.host.run(['umount', DRIVER_PLACE]);

describe('a container of Podman 5 that nobody detaches', () => {
  it('because Podman was killed in setup and removed it later, is found and removed by flatnet ipam gc', async () => {
    const { host } = machine;
    // The driver has done its work, and its answer never arrives.
    await replaceDriver('$REAL "$@" || exit; [ "$1" != setup ] || : > /run/stub/over; exec sleep 100');
    const script = `exec podman run --detach --name=web --network=flatnet --publish=8080:80 ${IMAGE} >/dev/null 2>&1`;
    const run = host.start(['sh', '-c', script], { env: ENVIRONMENT });
    const isOver = async () => (await host.exec(['ls', '/run/stub/over'])).exitCode === 0;
    await expect.poll(isOver, { timeout: 20_000 }).toBe(true);
    process.kill(run.pid, 'SIGKILL');
    await run.result;
    await restoreDriver();
    await machine.succeed('rm', '--force', 'web');
    // Podman has called nobody: pair, address, namespace and port are still there.
    expect(await remainsOf(machine)).toEqual([
      expect.stringMatching(/^fn/),
      'flatnet/10.87.1.2',
      expect.stringMatching(/^netns-/),
      expect.stringContaining('10.87.1.2 . 80'),
    ]);
    // Another Podman might still be starting it, for a minute.
    const collect = async () => (await flatnet('ipam', 'gc')).stdout;
    await expect
      .poll(collect, { timeout: 120_000, interval: 5_000 })
      .toBe('Freed:\nflatnet 10.87.1.2 of web\n');
    expect(await remainsOf(machine)).toEqual([]);
  });

  it('because the driver was killed in teardown, leaves an address and a port that go to the next one', async () => {
    await machine.web('web', '--network=flatnet', '--publish=8080:80');
    await replaceDriver('[ "$1" != teardown ] || kill -KILL $$; exec $REAL "$@"');
    expect((await machine.podman('stop', '--time=0', 'web')).exitCode).toBe(125);
    await restoreDriver();
    await machine.succeed('rm', '--force', '--time=0', 'web');
    // Podman has removed the namespace, and the kernel the pair with it; no call came.
    expect(await remainsOf(machine)).toEqual([
      'flatnet/10.87.1.2',
      expect.stringContaining('10.87.1.2 . 80'),
    ]);
    await machine.web('next', '--network=flatnet', '--publish=8080:80', '--ip=10.87.1.2');
    await machine.clear();
    expect(await remainsOf(machine)).toEqual([]);
  });
});
