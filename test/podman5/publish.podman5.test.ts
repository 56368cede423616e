import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Place } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { addOutside, HOST_ADDRESS } from '../fixtures/traffic.ts';
import type { Machine } from '../podman/machine.ts';
import { createMachine5, remainsOf } from './machine.ts';

let machine: Machine;
let outside: Place;

beforeAll(async () => {
  await ensureExecutable();
  machine = await createMachine5();
  outside = await addOutside(machine.host);
  await machine.succeed('network', 'create', '--driver=flatnet', 'flatnet');
});
afterEach(async () => {
  await machine.clear();
  expect(await remainsOf(machine)).toEqual([]);
});
afterAll(() => machine.dispose());

const web = (name: string, ...options: readonly string[]) =>
  machine.web(name, '--network=flatnet', ...options);

/** The page behind an address, or nothing. */
async function page(from: Place, address: string): Promise<string> {
  const { stdout } = await from.exec([
    'timeout',
    '5',
    'busybox',
    'wget',
    '-q',
    '-O',
    '-',
    `http://${address}/`,
  ]);
  return stdout.trim();
}

/** Waits for the page, as the server may have only just been started. */
async function untilPage(from: Place, address: string): Promise<void> {
  await expect.poll(() => page(from, address), { timeout: 10_000 }).toBe('ok');
}

describe('podman run -p on Podman 5', () => {
  it.each([
    ['8080:80', 8080, true],
    ['127.0.0.1:8081:80', 8081, false],
    [`${HOST_ADDRESS}:8082:80`, 8082, true],
  ] as const)('%s makes the container reachable there', async (option, port, isOpen) => {
    await web('web', `--publish=${option}`);
    const local = option.startsWith(HOST_ADDRESS) ? HOST_ADDRESS : '127.0.0.1';
    await untilPage(machine.host, `${local}:${port}`);
    expect(await page(outside, `${HOST_ADDRESS}:${port}`)).toBe(isOpen ? 'ok' : '');
    await machine.clear();
    expect(await page(machine.host, `${local}:${port}`)).toBe('');
  });

  it('80 takes a port that Podman chooses', async () => {
    await web('web', '--publish=80');
    const chosen = (await machine.succeed('port', 'web', '80')).split(':')[1] ?? '';
    await untilPage(outside, `${HOST_ADDRESS}:${chosen}`);
  });

  it('8000-8003:80-83, 5353:53/udp, 127.0.0.1:5354:53/udp and 8090:90/sctp take them all', async () => {
    const wanted = ['8000-8003:80-83', '5353:53/udp', '127.0.0.1:5354:53/udp', '8090:90/sctp'];
    await web('web', ...wanted.map((option) => `--publish=${option}`));
    await untilPage(outside, `${HOST_ADDRESS}:8000`);
    const list = (map: string) => machine.host.run(['nft', 'list', 'map', 'inet', 'flatnet', map]);
    expect((await list('ports4')).match(/comment/g)).toHaveLength(6);
    expect(await list('bound4')).toMatch(/udp \. 127\.0\.0\.1 \. 5354 /);
  });

  it('stays reachable through restart and network reload, while Podman itself holds the port', async () => {
    await web('web', '--publish=8080:80');
    await machine.succeed('restart', '--time=0', 'web');
    await untilPage(outside, `${HOST_ADDRESS}:8080`);
    await machine.succeed('network', 'reload', 'web');
    await untilPage(outside, `${HOST_ADDRESS}:8080`);
  });

  it('of a port that another container has is refused: by Podman, which holds it, or with its name', async () => {
    await web('first', '--publish=8080:80', '--publish=8090:90/sctp');
    await expect(web('second', '--publish=8080:80')).rejects.toThrow('address already in use');
    // Of SCTP Podman holds nothing.
    await expect(web('third', '--publish=8090:90/sctp')).rejects.toThrow(
      /Cannot publish sctp port 8090 of the host: container "first \([0-9a-f]{64}\)" on network "flatnet" has it/,
    );
    await untilPage(outside, `${HOST_ADDRESS}:8080`);
  });
});
