import { describe, expect, it } from 'vitest';
import type { Taken } from '../../src/netavark/network/taken.ts';
import { type NewNetwork, planNetworkFile, randomId } from '../../src/netavark/new-network.ts';

const PATH = '/etc/containers/networks/lab.json';
const NOTHING: Taken = { subnets: [], bridges: [], links: [], leftovers: [] };
const LAB: NewNetwork = {
  name: 'lab',
  subnet: undefined,
  gateway: undefined,
  bridge: undefined,
  hasNames: true,
  options: {},
};

function plan(asked: Partial<NewNetwork> = {}, taken = NOTHING) {
  const stamp = { path: PATH, id: 'b'.repeat(64), created: '1970-01-01T00:00:00.000Z' };
  const { text, network } = planNetworkFile({ ...LAB, ...asked }, taken, stamp);
  return { text, network, file: JSON.parse(text) as unknown };
}

describe('planNetworkFile()', () => {
  it('writes what Podman would: its keys in its order, five blanks deep', () => {
    expect(plan().text).toBe(`{
     "name": "lab",
     "id": "${'b'.repeat(64)}",
     "driver": "flatnet",
     "network_interface": "flatnet-br1",
     "created": "1970-01-01T00:00:00.000Z",
     "subnets": [
          {
               "subnet": "10.87.2.0/24",
               "gateway": "10.87.2.1"
          }
     ],
     "ipv6_enabled": false,
     "internal": false,
     "dns_enabled": true,
     "ipam_options": {
          "driver": "flatnet"
     }
}
`);
  });

  it('gives the network "flatnet" the first subnet and bridge', () => {
    const stamp = { path: '/n/flatnet.json', id: 'b'.repeat(64), created: '1970-01-01T00:00:00.000Z' };
    const { network } = planNetworkFile({ ...LAB, name: 'flatnet' }, NOTHING, stamp);
    expect(network).toMatchObject({ backend: 'netavark', conf: { bridge: 'flatnet-br0' } });
  });

  it('keeps what was asked for, and passes options on', () => {
    const asked = {
      subnet: '172.30.0.0/24',
      gateway: '172.30.0.254',
      bridge: 'lab0',
      options: { masquerade: 'false' },
    };
    expect(plan(asked).file).toMatchObject({
      network_interface: 'lab0',
      subnets: [{ subnet: '172.30.0.0/24', gateway: '172.30.0.254' }],
      options: { masquerade: 'false' },
    });
    expect(plan(asked).network.conf.ipMasq).toBe(false);
  });

  it('refuses what is taken, and what is no subnet', () => {
    const taken = { ...NOTHING, subnets: [{ cidr: '172.30.0.0/16', what: 'a route' }] };
    expect(() => plan({ subnet: '172.30.0.0/24' }, taken)).toThrow('overlaps 172.30.0.0/16, a route');
    expect(() => plan({ subnet: '172.30.0.0/24', gateway: '10.0.0.1' })).toThrow('gateway');
  });
});

describe('randomId()', () => {
  it('is what Podman takes for an id, another each time', () => {
    expect(randomId()).toMatch(/^[0-9a-f]{64}$/);
    expect(randomId()).not.toBe(randomId());
  });
});
