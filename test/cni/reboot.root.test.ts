import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { allocated, attach, pairs } from '../fixtures/plugin.ts';

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

describe('a reboot', () => {
  /** What a reboot does, as far as flatnet can see: another boot id, no link, no DEL. */
  async function reboot(id: string): Promise<void> {
    await host.run(['ip', 'link', 'del', 'flatnet-br0']);
    for (const pair of await pairs(host)) await host.run(['ip', 'link', 'del', pair]);
    await host.run(['tee', '/run/boot_id'], { input: `${id}\n` });
    await host.run(['mount', '--bind', '/run/boot_id', '/proc/sys/kernel/random/boot_id']);
  }

  it('frees the addresses of containers that are gone for ever, and gives each that returns its own', async () => {
    const [web, db] = [await host.addSandbox(), await host.addSandbox()];
    await attach(host, web, { containerID: 'web' });
    await attach(host, db, { containerID: 'db' });
    await reboot('11111111-2222-3333-4444-555555555555');
    const other = await host.addSandbox();
    expect((await attach(host, other, { containerID: 'new' })).ips[0].address).toBe('10.87.1.4/24');
    expect(await allocated(host)).toEqual(['flatnet/10.87.1.4']);
    const again = await host.addSandbox();
    expect((await attach(host, again, { containerID: 'db' })).ips[0].address).toBe('10.87.1.3/24');
  });

  it('does not exhaust a pool, however often it happens', async () => {
    const conf = { ipam: { ranges: [[{ subnet: '10.98.0.0/30' }]] } };
    for (const boot of [1, 2, 3]) {
      const sandbox = await host.addSandbox();
      const { ips } = await attach(host, sandbox, { conf, containerID: `box${boot}` });
      expect(ips[0].address).toBe('10.98.0.2/30');
      await reboot(`00000000-0000-0000-0000-00000000000${boot}`);
    }
  });
});
