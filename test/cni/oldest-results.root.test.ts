import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { link } from '../fixtures/links.ts';
import { allocated, attach, invoke, pairs } from '../fixtures/plugin.ts';

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

describe('a result that has room for one address of a family', () => {
  const RANGES = [[{ subnet: '10.1.0.0/24' }], [{ subnet: '10.2.0.0/24' }], [{ subnet: 'fd00:1::/64' }]];

  it.each(['flatnet', 'host-local'])(
    'is refused for two, addresses of %s, and nothing is left',
    async (type) => {
      const sandbox = await host.addSandbox();
      for (const cniVersion of ['0.1.0', '0.2.0']) {
        const conf = { cniVersion, ipam: { type, ranges: RANGES } };
        const { json } = await invoke(host, 'ADD', { netns: sandbox.path, conf });
        // host-local refuses it in words of its own.
        const words = type === 'flatnet' ? '"0.3.0" or newer' : 'does not support more than 1 address';
        expect(`${json.msg}: ${json.details}`).toContain(words);
        expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
        expect(await link(host, 'flatnet-br0')).toBeUndefined();
      }
      const fits = { cniVersion: '0.2.0', ipam: { type, ranges: [RANGES[0], RANGES[2]] } };
      const { ip4, ip6 } = await attach(host, sandbox, { conf: fits });
      expect([ip4.gateway, ip6.gateway]).toEqual(['10.1.0.1', 'fd00:1::1']);
    },
  );

  it('has one default route for each family where there are several addresses', async () => {
    const sandbox = await host.addSandbox();
    const { routes } = await attach(host, sandbox, { conf: { ipam: { ranges: RANGES } } });
    expect(routes).toEqual([
      { dst: '0.0.0.0/0', gw: '10.1.0.1' },
      { dst: '::/0', gw: 'fd00:1::1' },
    ]);
  });
});
