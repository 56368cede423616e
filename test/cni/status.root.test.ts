import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { attach, invoke } from '../fixtures/plugin.ts';

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

describe('STATUS', () => {
  const conf = { cniVersion: '1.1.0' };

  it('is silent when ADD would work', async () => {
    expect(await invoke(host, 'STATUS', { conf })).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it('is 50 when the data directory cannot be written to', async () => {
    await host.run(['mount', '-o', 'remount,ro', '/var/lib']);
    const { json } = await invoke(host, 'STATUS', { conf });
    expect(json).toMatchObject({ code: 50, msg: expect.stringContaining('/var/lib/flatnet/ipam') });
  });

  it.each([
    ['is no bridge', 'link add flatnet-br0 type veth peer name x0', 'is not a bridge'],
    ['has another address', 'link add flatnet-br0 type bridge', 'has address 10.1.0.1/16'],
  ])('is 50 when what bears the name of the bridge %s', async (_what, made, words) => {
    await host.run(['ip', ...made.split(' ')]);
    await host.run(['ip', 'address', 'add', '10.1.0.1/16', 'dev', 'flatnet-br0']);
    const { json } = await invoke(host, 'STATUS', { conf });
    expect(json).toMatchObject({ code: 50, msg: expect.stringContaining(words) });
    const other = { ...conf, isGateway: false, bridge: words.includes('address') ? 'flatnet-br0' : 'b1' };
    expect((await invoke(host, 'STATUS', { conf: other })).stdout).toBe('');
  });

  it.each([
    ['forceAddress', { forceAddress: true }],
    ['a gateway of its own there', { ipam: { subnet: '10.1.0.0/16' } }],
  ])('is silent about an address on the bridge with %s', async (_what, more) => {
    await host.run(['ip', 'link', 'add', 'flatnet-br0', 'type', 'bridge']);
    await host.run(['ip', 'address', 'add', '10.1.0.1/16', 'dev', 'flatnet-br0']);
    const { stdout } = await invoke(host, 'STATUS', { conf: { ...conf, ...more } });
    expect(stdout).toBe('');
  });

  it('is 50 when the pool is exhausted', async () => {
    const small = { ...conf, ipam: { ranges: [[{ subnet: '10.98.0.0/30' }]] } };
    await attach(host, await host.addSandbox(), { conf: small });
    const { json } = await invoke(host, 'STATUS', { conf: small });
    expect(json).toMatchObject({ code: 50, msg: expect.stringContaining('10.98.0.') });
  });
});
