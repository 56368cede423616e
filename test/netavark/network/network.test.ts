import { describe, expect, it } from 'vitest';
import { FlatnetError } from '../../../src/input/error.ts';
import { inOwnWords } from '../../../src/netavark/own-words.ts';
import { parseNetwork } from '../../../src/netavark/network/network.ts';
import type { Network } from '../../../src/netavark/network/pool.ts';

const LAB: Network = {
  name: 'lab',
  network_interface: 'flatnet-br1',
  subnets: [{ subnet: '10.87.2.0/24', gateway: '10.87.2.1' }],
  ipam_options: { driver: 'flatnet' },
};

function refusal(shape: Partial<Network>): string {
  try {
    parseNetwork({ ...LAB, ...shape });
  } catch (error) {
    if (error instanceof FlatnetError) return inOwnWords(`${error.message}: ${error.details ?? ''}`);
    throw error;
  }
  return 'nothing';
}

const specOf = (shape: Partial<Network>) => parseNetwork({ ...LAB, ...shape }).network;

describe('parseNetwork()', () => {
  it("masquerades and has a default route, as netavark's bridge", () => {
    expect(specOf({})).toMatchObject({
      name: 'lab',
      bridge: 'flatnet-br1',
      isGateway: true,
      isDefaultGateway: true,
      ipMasq: true,
      forwardAccept: true,
      ingressPolicy: 'open',
      internal: false,
      ipam: { from: 'pool', routes: [] },
    });
  });

  it('leads nowhere when it is internal', () => {
    const internal = { isGateway: true, isDefaultGateway: false, ipMasq: false, internal: true };
    expect(specOf({ internal: true })).toMatchObject(internal);
  });

  it('leaves with the addresses that outbound_addr4 and outbound_addr6 name', () => {
    const subnets = [{ subnet: '10.87.2.0/24' }, { subnet: 'fd00:2::/64' }];
    const options = { outbound_addr4: '192.0.2.77', outbound_addr6: '2001:DB8:0::77' };
    expect(specOf({ subnets, options }).outbound).toEqual(['192.0.2.77', '2001:db8::77']);
    expect(specOf({}).outbound).toEqual([]);
    const without =
      'expected it where masquerade is on: not with --internal, masquerade=false or mode=unmanaged';
    for (const shape of [
      { internal: true, options: { outbound_addr4: '192.0.2.77' } },
      { options: { outbound_addr4: '192.0.2.77', masquerade: 'false' } },
      { options: { outbound_addr4: '192.0.2.77', mode: 'unmanaged' } },
    ]) {
      expect(refusal(shape)).toBe(
        `Invalid "options.outbound_addr4" in network "lab": "192.0.2.77": ${without}`,
      );
    }
    expect(refusal({ options: { outbound_addr6: '2001:db8::77' } })).toContain(
      'the network has no IPv6 subnet',
    );
    expect(refusal({ options: { outbound_addr4: '2001:db8::77' } })).toContain(
      'expected an IPv4 address that',
    );
  });

  it.each([[{ driver: 'host-local' }], [{}], [undefined]])(
    'leaves addresses to Podman with %j',
    (ipam_options) => {
      expect(specOf({ ipam_options }).ipam.from).toBe('caller');
    },
  );

  it('keeps containers apart from other networks with isolate, unless the policy says otherwise', () => {
    expect(specOf({ options: { isolate: 'true' } }).ingressPolicy).toBe('same-bridge');
    expect(specOf({ options: { isolate: 'strict', 'ingress-policy': 'isolated' } })).toMatchObject({
      ingressPolicy: 'isolated',
      portIsolation: true,
    });
  });

  it("leaves a bridge that is somebody else's alone", () => {
    const { network } = parseNetwork({ ...LAB, options: { mode: 'unmanaged' } });
    expect(network).toMatchObject({
      isUnmanaged: true,
      isGateway: false,
      ipMasq: false,
      forwardAccept: false,
      isDefaultGateway: true,
    });
  });

  it('gives the default route of each family a metric when one is asked for, also by a container', () => {
    const subnets = [{ subnet: '10.87.2.0/24' }, { subnet: 'fd00:87::/64' }];
    const { network } = parseNetwork({ ...LAB, subnets }, { metric: '300' });
    expect(network.ipam).toMatchObject({
      routes: [
        { dst: '0.0.0.0/0', priority: 300 },
        { dst: '::/0', priority: 300 },
      ],
    });
    expect(specOf({ options: { no_default_route: 'true', metric: '5' } }).ipam).toMatchObject({ routes: [] });
  });

  it('has routes, lease range, exclusions, reservations and resolvers', () => {
    const network = specOf({
      subnets: [
        {
          subnet: '10.87.2.0/24',
          gateway: '10.87.2.254',
          lease_range: { start_ip: '10.87.2.129', end_ip: '10.87.2.255' },
        },
      ],
      routes: [{ destination: '10.99.0.0/16', gateway: '10.87.2.9', metric: 50 }],
      network_dns_servers: ['10.87.2.53'],
      options: { exclude: '10.87.2.130', reservations: 'web=10.87.2.50' },
    });
    expect(network.dns).toEqual({ nameservers: ['10.87.2.53'] });
    expect(network.ipam).toMatchObject({
      routes: [{ dst: '10.99.0.0/16', gw: '10.87.2.9', priority: 50 }],
      pool: { network: 'lab', reservations: { web: ['10.87.2.50'] }, sets: [[{ exclude: [{}] }]] },
    });
  });

  it.each<[Partial<Network>, string]>([
    [{ name: '../x' }, 'Invalid "name"'],
    [{ network_interface: undefined }, 'Invalid "network_interface" in network "lab": nothing'],
    [{ network_interface: 'a/b' }, 'another name: it must not contain'],
    [
      { subnets: [] },
      'it has no subnet: make it anew: podman network rm lab; podman network create -d flatnet lab',
    ],
    [
      { subnets: [{ subnet: '10.87.2.5/24' }] },
      'Cannot use subnets[0].subnet "10.87.2.5/24": it has host bits set',
    ],
    [{ subnets: [{ subnet: '10.87.2.0/24', gateway: '10.88.0.1' }] }, 'subnets[0].gateway "10.88.0.1"'],
    [
      { subnets: [{ subnet: '10.87.2.0/24', lease_range: { start_ip: '10.87.2.9', end_ip: '10.87.2.5' } }] },
      'subnets[0].lease_range.start_ip',
    ],
    [{ subnets: [{ subnet: '10.87.2.0/24' }, { subnet: '10.87.0.0/16' }] }, 'two ranges overlap'],
    [{ subnets: [{ subnet: '224.0.0.0/24' }] }, 'multicast'],
    [{ options: { reservations: 'web=10.1.1.1' } }, 'options.reservations'],
    [{ options: { exclude: '10.1.1.1' } }, 'options.exclude'],
    [{ options: { 'ingress-rate': '5' } }, 'a rate and a burst'],
    [{ subnets: [{ subnet: 'fd00::/64' }], options: { mtu: '1000' } }, '1280 or more, which IPv6 needs'],
    [{ routes: [{ destination: '10.0.0.0/8', gateway: 'fd00::1' }] }, 'an IPv4 address'],
    [{ routes: [{ destination: '10.0.0.0/8', route_type: 'blackhole' }] }, 'a route of type "blackhole"'],
  ])('refuses %j, naming what is wrong', (shape, said) => {
    expect(refusal(shape)).toContain(said);
  });
});
