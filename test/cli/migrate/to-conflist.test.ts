import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../../src/netavark/network/options.ts';
import { fromNetwork, networkFile, toConflist } from './networks.ts';

/** Options of a network of netavark, and the keys of flatnet's entry that say the same. */
const OPTIONS: readonly (readonly [Readonly<Record<string, string>>, Readonly<Record<string, unknown>>])[] = [
  [{ mtu: '1400' }, { mtu: 1400 }],
  [{ 'com.docker.network.driver.mtu': '1400' }, { mtu: 1400 }],
  [{ isolate: 'strict' }, { ingressPolicy: 'same-bridge' }],
  [{ mode: 'managed' }, { isGateway: true }],
  [{ mode: 'unmanaged' }, { mode: 'unmanaged', isDefaultGateway: true }],
  [{ metric: '50' }, { isDefaultGateway: false }],
  [{ no_default_route: 'true' }, { isDefaultGateway: false }],
  [{ masquerade: 'false' }, { ipMasq: false }],
  [{ 'ip-masq': 'false' }, { ipMasq: false }],
  [{ 'masquerade-backend': 'nftables' }, { ipMasqBackend: 'nftables' }],
  [{ 'ingress-policy': 'isolated' }, { ingressPolicy: 'isolated' }],
  [{ macspoofchk: 'true' }, { macspoofchk: true }],
  [{ 'port-isolation': 'true' }, { portIsolation: true }],
  [{ 'hairpin-mode': 'true' }, { hairpinMode: true }],
  [{ 'promisc-mode': 'true' }, { promiscMode: true }],
  [{ 'forward-accept': 'false' }, { forwardAccept: false }],
  [{ 'force-address': 'true' }, { forceAddress: true }],
  [{ enabledad: 'true' }, { enabledad: true }],
  [{ 'allow-overlap': 'true' }, { ipam: { allowOverlap: true } }],
  [{ 'data-dir': '/srv/ipam' }, { ipam: { dataDir: '/srv/ipam' } }],
  [{ exclude: '10.87.9.7' }, { ipam: { ranges: [[{ exclude: ['10.87.9.7-10.87.9.7'] }]] } }],
  [{ reservations: 'web=10.87.9.50' }, { ipam: { reservations: { web: ['10.87.9.50'] } } }],
  [
    { 'ingress-rate': '1000000', 'ingress-burst': '80000' },
    { ingressRate: 1_000_000, ingressBurst: 80_000 },
  ],
  [
    { 'egress-rate': '1000000', 'egress-burst': '80000' },
    { egressRate: 1_000_000, egressBurst: 80_000 },
  ],
  [{ outbound_addr4: '203.0.113.5' }, { outbound_addr4: '203.0.113.5' }],
  [{ snat: 'false' }, { snat: false }],
  [{ 'masq-all': 'true' }, { masqAll: true }],
  [{ 'firewalld-zone': 'public' }, { firewalldZone: 'public' }],
  [{}, { names: { server: 'auto', domain: 'flatnet' } }],
  [{ names: 'auto' }, { names: { server: 'auto', domain: 'flatnet' } }],
  [
    { names: 'dnsmasq', 'names-domain': 'lab.example', 'names-host': 'hosts' },
    { names: { server: 'dnsmasq', domain: 'lab.example', host: 'hosts' } },
  ],
  [{ promisc: 'true' }, { promisc: true }],
  [{ allmulti: 'false' }, { allmulti: false }],
  [{ txqlen: '500' }, { txQLen: 500 }],
  [
    { tx_qlen: '500', 'tx-qlen': '600', 'All-Multi': '1' },
    { txQLen: 600, allmulti: true },
  ],
  [{ promisc: 'FALSE' }, {}],
  [{ 'sysctl.net.core.somaxconn': '512' }, { sysctl: { 'net.core.somaxconn': '512' } }],
];

/** Of one container, or of a network without addresses, which is refused; IPv6 has its own subnet below. */
const NOT_OF_A_NETWORK = ['host_interface_name', 'disable-container-interface', 'outbound_addr6', 'sysctl'];

/** The names in the message about an option that is unknown. */
function knownOptions(): readonly string[] {
  try {
    parseOptions({ '?': '' }, { where: 'x', inContainer: false });
  } catch (error) {
    const details = error instanceof Error && 'details' in error ? String(error.details) : '';
    return details.replace(/^.*flatnet knows /, '').split(', ');
  }
  return [];
}

describe('toConflist()', () => {
  it('writes a list that Podman 4 reads, and keeps id, time and labels aside', () => {
    const { list, lost } = toConflist(networkFile({ labels: { a: 'b' }, dns_enabled: false }));
    expect(list).toEqual({
      cniVersion: '1.0.0',
      cniVersions: ['0.4.0', '1.0.0', '1.1.0'],
      name: 'lab',
      args: {
        podman_labels: { a: 'b' },
        netavark: { id: '9'.repeat(64), created: '2026-02-01T08:00:00.5Z' },
      },
      plugins: [
        {
          type: 'flatnet',
          bridge: 'lab0',
          isGateway: true,
          isDefaultGateway: true,
          ipMasq: true,
          ipam: { ranges: [[{ subnet: '10.87.9.0/24', gateway: '10.87.9.1' }]] },
          capabilities: { portMappings: true, ips: true, mac: true, aliases: true },
        },
      ],
    });
    expect(lost).toEqual([]);
  });

  it.each(OPTIONS)('says %j by keys', (options, keys) => {
    const { plugin, lost } = toConflist(networkFile({ options }));
    expect(plugin).toMatchObject(keys);
    expect(lost).toEqual([]);
  });

  it('was tried with every option there is', () => {
    const tried = OPTIONS.flatMap(([options]) => Object.keys(options));
    expect(knownOptions().filter((name) => ![...tried, ...NOT_OF_A_NETWORK].includes(name))).toEqual([]);
  });

  it.each([
    ['of an option', { options: { names: 'off' } }],
    ['of --disable-dns', { dns_enabled: false }],
  ])('serves no names because %s', (_, fields) => {
    expect(toConflist(networkFile(fields)).plugin).not.toHaveProperty('names');
  });

  it('carries lease ranges, both families, routes, servers of names and internal', () => {
    const subnets = [
      { subnet: '10.87.9.0/24', lease_range: { start_ip: '10.87.9.100', end_ip: '10.87.9.255' } },
      { subnet: 'fd00:87:9::/64', gateway: 'fd00:87:9::5' },
    ];
    const routes = [{ destination: '10.99.0.0/16', gateway: '10.87.9.2', metric: 7 }];
    const { plugin, lost } = toConflist(
      networkFile({ subnets, routes, internal: true, network_dns_servers: ['10.87.9.53'] }),
    );
    expect(plugin).toMatchObject({
      internal: true,
      dns: { nameservers: ['10.87.9.53'] },
      ipam: {
        ranges: [
          [
            {
              subnet: '10.87.9.0/24',
              rangeStart: '10.87.9.100',
              rangeEnd: '10.87.9.255',
              gateway: '10.87.9.1',
            },
          ],
          [{ subnet: 'fd00:87:9::/64', gateway: 'fd00:87:9::5' }],
        ],
        routes: [{ dst: '10.99.0.0/16', gw: '10.87.9.2', priority: 7 }],
      },
    });
    expect(lost).toEqual([]);
  });

  it('gives a default route its metric', () => {
    const { plugin } = toConflist(networkFile({ options: { metric: '50' } }));
    expect(plugin.ipam.routes).toEqual([{ dst: '0.0.0.0/0', gw: '10.87.9.1', priority: 50 }]);
  });

  it.each([
    [{ ipam_options: { driver: 'host-local', mine: '1' } }, ['ipam_options.mine', 'ipam_options.driver']],
    [{ ipam_options: {} }, ['ipam_options.driver']],
    [{ mine: 1 }, ['mine']],
    [{ subnets: [{ subnet: '10.87.9.0/24', mine: 1 }] }, ['subnets[0].mine']],
    [
      { routes: [{ destination: '10.99.0.0/16', gateway: '10.87.9.2', route_type: 'unicast', mine: 1 }] },
      ['routes[0].mine'],
    ],
  ])('names what %j loses', (fields, keys) => {
    expect(toConflist(networkFile(fields)).lost).toEqual(keys);
  });

  it('carries source addresses of both families', () => {
    const { plugin, lost } = toConflist(
      networkFile({
        subnets: [{ subnet: '10.87.9.0/24' }, { subnet: 'fd00:87:9::/64' }],
        options: { outbound_addr4: '203.0.113.5', outbound_addr6: '2001:db8::5' },
      }),
    );
    expect(plugin).toMatchObject({ outbound_addr4: '203.0.113.5', outbound_addr6: '2001:db8::5' });
    expect(lost).toEqual([]);
  });

  it('refuses a network whose containers have no addresses', () => {
    const file = { subnets: [], options: { 'disable-container-interface': 'true' } };
    expect(() => fromNetwork(networkFile(file))).toThrow('its containers have no addresses');
  });

  it.each([
    [networkFile({ driver: 'bridge' }), 'the driver of /etc/containers/networks/lab.json is "bridge"'],
    [networkFile({ options: { vrf: 'blue' } }), 'Cannot do option "vrf"'],
  ])('refuses %s', (text, said) => {
    expect(() => fromNetwork(text)).toThrow(said);
  });
});
