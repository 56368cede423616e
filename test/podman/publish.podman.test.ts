import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { addOutside, HOST_ADDRESS } from '../fixtures/traffic.ts';
import type { Sandbox } from '../../conformance/host.ts';
import { createMachine, type Machine } from './machine.ts';
import { isLacking } from '../profiles/lacking.ts';
import { FLATNET } from './networks.ts';

let machine: Machine;
let outside: Sandbox;

beforeAll(async () => {
  await ensureExecutable();
  machine = await createMachine(FLATNET);
  outside = await addOutside(machine.host);
}, 180_000);
afterEach(() => machine.clear());
afterAll(() => machine.dispose());

/** The page behind an address, or nothing; busybox's own wget -T ends in a segmentation fault. */
async function page(from: Pick<Sandbox, 'exec'>, address: string, port: string): Promise<string> {
  const wget = ['busybox', 'wget', '-q', '-O', '-', `http://${address}:${port}/`];
  const { stdout } = await from.exec(['timeout', '5', ...wget]);
  return stdout.trim();
}

/** What Podman says the container's port 80 is published as, `0.0.0.0:41234`. */
async function published(name: string): Promise<readonly string[]> {
  const lines = await machine.succeed('port', name, '80');
  return lines.split('\n');
}

describe('podman run -p', () => {
  it.each([
    ['8080:80', 8080, true],
    ['127.0.0.1:8081:80', 8081, false],
    [`${HOST_ADDRESS}:8082:80`, 8082, true],
  ] as const)('%s makes the container reachable there', async (option, port, isOpen) => {
    await machine.web('web', `--publish=${option}`);
    expect(await page(outside, HOST_ADDRESS, String(port))).toBe(isOpen ? 'ok' : '');
    const local = option.startsWith(HOST_ADDRESS) ? HOST_ADDRESS : '127.0.0.1';
    expect(await page(machine.host, local, String(port))).toBe('ok');
    await machine.clear();
    expect(await page(machine.host, local, String(port))).toBe('');
    expect(await machine.host.run(['nft', 'list', 'table', 'inet', 'flatnet'])).not.toContain('comment "fn');
  });

  it('80 takes a port that Podman chooses', async () => {
    await machine.web('web', '--publish=80');
    const [chosen = ''] = await published('web');
    expect(await page(outside, HOST_ADDRESS, chosen.split(':')[1] ?? '')).toBe('ok');
  });

  it('8000-8003:80-83, 5353:53/udp, 127.0.0.1:5354:53/udp and 8090:90/sctp take them all', async () => {
    const sctp = isLacking('sctp') ? [] : ['8090:90/sctp'];
    const wanted = ['8000-8003:80-83', '5353:53/udp', '127.0.0.1:5354:53/udp', ...sctp];
    await machine.web('web', ...wanted.map((option) => `--publish=${option}`));
    expect(await page(outside, HOST_ADDRESS, '8000')).toBe('ok');
    const list = (map: string) => machine.host.run(['nft', 'list', 'map', 'inet', 'flatnet', map]);
    expect((await list('ports4')).match(/comment/g)).toHaveLength(5 + sctp.length);
    expect(await list('bound4')).toMatch(/udp \. 127\.0\.0\.1 \. 5354 /);
  });

  it.runIf(isLacking('sctp'))('8090:90/sctp is refused where the kernel does not track SCTP', async () => {
    await expect(machine.web('web', '--publish=8090:90/sctp')).rejects.toThrow(
      'the kernel does not track SCTP',
    );
  });

  it('stays reachable through restart and network reload, while Podman itself holds the port', async () => {
    await machine.web('web', '--publish=8080:80');
    await machine.succeed('restart', '--time=0', 'web');
    expect(await page(outside, HOST_ADDRESS, '8080')).toBe('ok');
    await machine.succeed('network', 'reload', 'web');
    expect(await page(outside, HOST_ADDRESS, '8080')).toBe('ok');
  });

  it('of a port that another container has is refused with its name', async () => {
    await machine.web('first', '--publish=8080:80');
    await expect(machine.web('second', '--publish=8080:80')).rejects.toThrow(
      /Cannot publish tcp port 8080 of the host: container "first \([0-9a-f]{64}\)" on network "flatnet" has it/,
    );
    expect(await page(outside, HOST_ADDRESS, '8080')).toBe('ok');
  });
});
