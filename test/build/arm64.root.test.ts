import { callByHand } from '../by-hand.ts';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOST_ARCH } from '../../build/base.ts';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureBuilt, EXECUTABLE_ARM64 } from '../executable.ts';

/** What an arm64 machine has, and its processor: Debian's qemu-user and its libraries for arm64. */
const EMULATOR = ['/usr/bin/qemu-aarch64', '-L', '/usr/aarch64-linux-gnu'];

/** The emulator has no netlink of the packet filter. */
const CONF = {
  cniVersion: '1.0.0',
  name: 'flatnet',
  type: 'flatnet',
};

const isBuilt = HOST_ARCH === 'x64' && existsSync(EXECUTABLE_ARM64);

describe.runIf(isBuilt)('the executable for arm64', () => {
  let host: Host;
  let netns: string;

  beforeAll(async () => {
    await ensureBuilt(EXECUTABLE_ARM64);
    host = await createHost();
    netns = (await host.addSandbox()).path;
  }, 180_000);
  afterAll(() => host.dispose());

  const call = (verb: string, conf: object) =>
    callByHand(host, [...EMULATOR, EXECUTABLE_ARM64], { verb, netns, conf, timeoutMs: 60_000 });

  it('attaches, checks and detaches a container', async () => {
    const added = await call('ADD', CONF);
    expect(added).toMatchObject({ exitCode: 0, stderr: '' });
    const result = JSON.parse(added.stdout);
    expect(result.ips).toMatchObject([{ address: '10.87.1.2/24', gateway: '10.87.1.1' }]);
    expect(await call('CHECK', { ...CONF, prevResult: result })).toMatchObject({ exitCode: 0, stdout: '' });

    expect(await call('DEL', CONF)).toMatchObject({ exitCode: 0, stdout: '' });
    const links = await host.run(['ip', '-o', 'link', 'show', 'type', 'veth']);
    expect(links).toBe('');
  });

  it('answers VERSION, and people', async () => {
    expect(JSON.parse((await call('VERSION', { cniVersion: '1.1.0' })).stdout)).toMatchObject({
      cniVersion: '1.1.0',
    });
    const { stdout } = await host.exec([...EMULATOR, EXECUTABLE_ARM64, '--version']);
    expect(stdout).toMatch(/^flatnet \d/);
  });
});
