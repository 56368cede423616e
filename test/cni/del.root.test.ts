import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { allocated, attach, invoke, pairs } from '../fixtures/plugin.ts';

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

describe('DEL', () => {
  const state = async () => [await pairs(host), await allocated(host)];

  it('removes everything, however often and however little it is told', async () => {
    const sandbox = await host.addSandbox();
    const empty = await sandbox.snapshot();
    await attach(host, sandbox);
    expect(await invoke(host, 'DEL')).toMatchObject({ exitCode: 0, stdout: '' });
    expect(await state()).toEqual([[], []]);
    expect(await sandbox.snapshot()).toEqual(empty);
    expect((await invoke(host, 'DEL', { netns: sandbox.path })).exitCode).toBe(0);
    expect((await invoke(host, 'DEL', { netns: '/run/netns/gone' })).exitCode).toBe(0);
  });

  it('succeeds for what was never added', async () => {
    expect((await invoke(host, 'DEL')).exitCode).toBe(0);
  });

  it('removes the pair although the state is lost', async () => {
    await attach(host, await host.addSandbox());
    await host.run(['rm', '-r', '/var/lib/flatnet']);
    expect((await invoke(host, 'DEL')).exitCode).toBe(0);
    expect(await state()).toEqual([[], []]);
  });

  it.each(['', '{', '[]', '{"version":99}'])('succeeds with %j for a state file', async (text) => {
    await attach(host, await host.addSandbox());
    await host.run(['tee', '/var/lib/flatnet/ipam/allocations.json'], { input: text });
    expect((await invoke(host, 'DEL')).exitCode).toBe(0);
    expect(await state()).toEqual([[], []]);
  });

  it('releases the address of a sandbox that died', async () => {
    const sandbox = await host.addSandbox();
    await attach(host, sandbox);
    await sandbox.remove();
    expect((await invoke(host, 'DEL', { netns: sandbox.path })).exitCode).toBe(0);
    expect(await state()).toEqual([[], []]);
  });
});
