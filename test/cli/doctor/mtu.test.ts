import { describe, expect, it } from 'vitest';
import { checkMtu } from '../../../src/cli/doctor/mtu.ts';
import type { Facts, NetworkFacts } from '../../../src/cli/facts/facts.ts';

interface Case {
  readonly bridge: number;
  readonly ports?: readonly number[];
  readonly uplink?: number;
  readonly conf?: { readonly mtu?: number; readonly isUnmanaged?: boolean };
}

function examine({ bridge, ports = [], uplink = 9000, conf = {} }: Case) {
  const network = {
    network: { name: 'lab', path: '/etc/cni/net.d/lab.conflist', backend: 'cni', conf },
    bridge: { ifname: 'br0', mtu: bridge },
    ports: ports.map((mtu, index) => ({ ifname: `fn${index}`, mtu })),
    allocations: ports.map((_, index) => ({ containerName: `web${index}`, hostIfname: `fn${index}` })),
  };
  const facts = {
    routes: [{ dst: 'default', dev: 'up0' }],
    links: [{ ifname: 'up0', mtu: uplink }],
  };
  const [finding] = checkMtu(facts as unknown as Facts, network as unknown as NetworkFacts);
  return finding;
}

describe('checkMtu()', () => {
  it('has nothing against a container with a smaller MTU of its own', () => {
    expect(examine({ bridge: 1500, ports: [1400, 1500] })?.status).toBe('pass');
    expect(examine({ bridge: 1500, ports: [1400] })?.status).toBe('pass');
  });

  it.each([
    [{ bridge: 500, ports: [1500, 1500] }, 'sudo ip link set dev br0 mtu 1500'],
    [{ bridge: 1500, ports: [1500, 9000, 1400] }, 'restart the container web1'],
    [
      { bridge: 1300, ports: [1500, 1400], conf: { mtu: 1400 } },
      'sudo ip link set dev br0 mtu 1400, then restart the container web0',
    ],
    [{ bridge: 500, ports: [1500, 400], conf: { isUnmanaged: true } }, 'restart the container web0'],
    [{ bridge: 500, ports: [1500], conf: { isUnmanaged: true, mtu: 1500 } }, 'restart the container web0'],
  ])('names what brings ports with a larger one back: %j', (around, suggestion) => {
    expect(examine(around)).toMatchObject({ status: 'warning', suggestion });
  });

  it('names an uplink that takes less', () => {
    expect(examine({ bridge: 1500, uplink: 1400 })).toMatchObject({
      status: 'warning',
      message: '1500 on br0, but only 1400 on up0, the default route',
      suggestion: expect.stringContaining('then: sudo ip link set dev br0 mtu 1400 and restart'),
    });
  });

  it('leaves the bridge of an unmanaged network to its admin, and looks at its containers alone', () => {
    const conf = { isUnmanaged: true };
    expect(examine({ bridge: 1500, ports: [1500], uplink: 1400, conf })?.suggestion).toBe(
      'set "mtu": 1400 in /etc/cni/net.d/lab.conflist, then: restart the containers of "lab"',
    );
    expect(examine({ bridge: 1500, ports: [1400], uplink: 1400, conf })?.status).toBe('pass');
    expect(examine({ bridge: 1500, uplink: 1400, conf })?.status).toBe('pass');
  });
});
