import { describe, expect, it } from 'vitest';
import { checkConfiguration } from '../../../src/cli/doctor/configuration.ts';
import type { Facts, NetworkFacts } from '../../../src/cli/facts/facts.ts';

interface Conf {
  readonly bridge: string;
  readonly isUnmanaged?: boolean;
}

const described = (name: string, conf: Conf) => ({
  network: { name, path: `/etc/cni/net.d/${name}.conflist`, conf },
  changes: [{ what: 'bridge', now: ['br1'], held: ['br0'], containers: 1 }],
  running: [{ bridge: 'br0', gateways: ['10.87.1.1/24'] }],
  gateways: [],
});

/** The remedy for the first network, where the bridge "br0" that its container runs on is no longer its own. */
function remedyOf(...networks: readonly (readonly [string, Conf])[]): string | undefined {
  const all = networks.map(([name, conf]) => described(name, conf));
  const links = [
    { ifname: 'br0', flags: ['UP'], mtu: 1500, linkinfo: { info_kind: 'bridge' }, addr_info: [] },
  ];
  const facts = { networks: all, links, routes: [], states: [], occupied: new Set() };
  const [finding] = checkConfiguration(facts as unknown as Facts, all[0] as unknown as NetworkFacts);
  return finding?.suggestion;
}

describe('checkConfiguration()', () => {
  it('names the command that removes the old bridge, or its address where another network has it', () => {
    expect(remedyOf(['lab', { bridge: 'br1' }])).toContain('sudo ip link del br0');
    expect(remedyOf(['lab', { bridge: 'br1' }], ['other', { bridge: 'br0' }])).toContain(
      'sudo ip address del 10.87.1.1/24 dev br0',
    );
  });

  it.each([
    [[['lab', { bridge: 'br1', isUnmanaged: true }]]],
    [
      [
        ['lab', { bridge: 'br1' }],
        ['other', { bridge: 'br0', isUnmanaged: true }],
      ],
    ],
  ] as const)('names none for a bridge of an unmanaged network: %j', (networks) => {
    expect(remedyOf(...networks)).toMatch(/^restart the containers of "lab"; or put the old value back/);
  });
});
