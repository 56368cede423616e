import { describe, expect, it } from 'vitest';
import { conflistText, DEFAULT_NETWORK } from '../../../src/cli/network/template.ts';
import { IPAM_KEYS, PLUGIN_KEYS } from '../../../src/cli/migrate/conflist-losses.ts';
import { convert, readSource } from '../../../src/cli/migrate/convert.ts';
import { IPAM, NET_CONF } from '../../../src/cni/schema.ts';
import { conflist, fromConflist, NETWORK, RANGES, STAMP, toNetavark } from './networks.ts';

/** Keys of flatnet's entry that become options, and the options. */
const OPTIONS: readonly (readonly [Readonly<Record<string, unknown>>, Readonly<Record<string, string>>])[] = [
  [{ mtu: 1400 }, { mtu: '1400' }],
  [{ mtu: 0 }, {}],
  [{ ipMasq: false }, { masquerade: 'false' }],
  [{ ipMasqBackend: 'iptables' }, { 'masquerade-backend': 'iptables' }],
  [{ isDefaultGateway: false }, { no_default_route: 'true' }],
  [{ hairpinMode: true }, { 'hairpin-mode': 'true' }],
  [{ promiscMode: true }, { 'promisc-mode': 'true' }],
  [{ forwardAccept: false }, { 'forward-accept': 'false' }],
  [{ forceAddress: true }, { 'force-address': 'true' }],
  [{ portIsolation: true }, { 'port-isolation': 'true' }],
  [{ ingressPolicy: 'same-bridge' }, { 'ingress-policy': 'same-bridge' }],
  [{ ingressPolicy: 'isolated' }, { 'ingress-policy': 'isolated' }],
  [
    { ingressPolicy: 'isolated', portIsolation: false },
    { 'ingress-policy': 'isolated', 'port-isolation': 'false' },
  ],
  [{ macspoofchk: true }, { macspoofchk: 'true' }],
  [{ enabledad: true }, { enabledad: 'true' }],
  [
    { ingressRate: 1_000_000, ingressBurst: 80_000 },
    { 'ingress-rate': '1000000', 'ingress-burst': '80000' },
  ],
  [
    { egressRate: 1_000_000, egressBurst: 80_000 },
    { 'egress-rate': '1000000', 'egress-burst': '80000' },
  ],
  [{ vlan: 0, sysctl: {} }, {}],
  [{ ipMasq: undefined, mode: 'unmanaged' }, { mode: 'unmanaged' }],
  [{ outbound_addr4: '203.0.113.5' }, { outbound_addr4: '203.0.113.5' }],
  [{ snat: false }, { snat: 'false' }],
  [{ masqAll: true }, { 'masq-all': 'true' }],
  [{ firewalldZone: 'public' }, { 'firewalld-zone': 'public' }],
  [{ names: {} }, {}],
  [{ names: { domain: 'lab.example' } }, { 'names-domain': 'lab.example' }],
  [
    { names: { server: 'aardvark', domain: 'lab.example', host: 'resolved' } },
    { names: 'aardvark', 'names-domain': 'lab.example', 'names-host': 'resolved' },
  ],
  [{ names: { server: 'off' } }, {}],
  [{ promisc: true }, { promisc: 'true' }],
  [{ allmulti: true }, { allmulti: 'true' }],
  [{ txQLen: 500 }, { txqlen: '500' }],
  [{ sysctl: { 'net.core.somaxconn': '512' } }, { 'sysctl.net.core.somaxconn': '512' }],
];

/** The same of its section `ipam`. */
const IPAM_OPTIONS: readonly (readonly [
  Readonly<Record<string, unknown>>,
  Readonly<Record<string, string>>,
])[] = [
  [{ exclude: ['10.87.9.7', '10.87.9.16/28'] }, { exclude: '10.87.9.7-10.87.9.7,10.87.9.16-10.87.9.31' }],
  [
    { reservations: { web: '10.87.9.50', db: ['10.87.9.51', '10.87.9.52'] } },
    { reservations: 'web=10.87.9.50,db=10.87.9.51,db=10.87.9.52' },
  ],
  [{ allowOverlap: true }, { 'allow-overlap': 'true' }],
  [{ dataDir: '/srv/ipam' }, { 'data-dir': '/srv/ipam' }],
  [{ routes: [{ dst: '0.0.0.0/0', priority: 50 }] }, { metric: '50' }],
  [{ routes: [{ dst: '0.0.0.0/0' }] }, {}],
];

describe('toNetavark()', () => {
  it('turns the network of "flatnet install" into what Podman keeps of one', () => {
    const source = readSource('cni', conflistText(DEFAULT_NETWORK), '/etc/cni/net.d/flatnet.conflist');
    expect(convert(source, '/etc/containers/networks/flatnet.json', STAMP)).toMatchObject({
      losses: [],
      text: `{
     "name": "flatnet",
     "id": "${'a'.repeat(64)}",
     "driver": "flatnet",
     "network_interface": "flatnet-br0",
     "created": "2026-01-31T08:00:00.000Z",
     "subnets": [
          {
               "subnet": "10.87.1.0/24",
               "gateway": "10.87.1.1"
          }
     ],
     "ipv6_enabled": false,
     "internal": false,
     "dns_enabled": true,
     "ipam_options": {
          "driver": "flatnet"
     }
}
`,
    });
  });

  it.each(OPTIONS)('says %j by options', (plugin, options) => {
    const { file, lost } = toNetavark(conflist(plugin));
    expect([file.options ?? {}, lost]).toEqual([options, []]);
  });

  it.each(IPAM_OPTIONS)('says %j of "ipam" by options', (ipam, options) => {
    const { file, lost } = toNetavark(conflist({ ipam: { ranges: RANGES, ...ipam } }));
    expect([file.options ?? {}, lost]).toEqual([options, []]);
  });

  it('knows every key that the plugin reads, so that none is lost without a word', () => {
    const told = [
      'mac',
      'hostInterfaceName',
      'args',
      'runtimeConfig',
      'prevResult',
      'cni.dev/valid-attachments',
    ];
    expect(Object.keys(NET_CONF).filter((key) => !PLUGIN_KEYS.includes(key))).toEqual(
      expect.arrayContaining(told),
    );
    expect(Object.keys(NET_CONF).filter((key) => ![...PLUGIN_KEYS, ...told].includes(key))).toEqual([]);
    expect(Object.keys(IPAM).filter((key) => !IPAM_KEYS.includes(key))).toEqual([]);
  });

  it('carries ranges of both families, with where they begin and end', () => {
    const ranges = [
      [
        {
          subnet: '10.87.9.0/24',
          rangeStart: '10.87.9.100',
          rangeEnd: '10.87.9.200',
          gateway: '10.87.9.254',
        },
      ],
      [{ subnet: 'fd00:87:9::/64' }],
    ];
    const { file, lost } = toNetavark(conflist({ ipam: { ranges } }));
    expect(file).toMatchObject({
      subnets: [
        {
          subnet: '10.87.9.0/24',
          gateway: '10.87.9.254',
          lease_range: { start_ip: '10.87.9.100', end_ip: '10.87.9.200' },
        },
        { subnet: 'fd00:87:9::/64', gateway: 'fd00:87:9::1' },
      ],
      ipv6_enabled: true,
    });
    expect(lost).toEqual([]);
  });

  it('gives each route its gateway, which netavark wants', () => {
    const routes = [
      { dst: '10.99.0.0/16', priority: 7 },
      { dst: '10.98.0.0/16', gw: '10.87.9.2', table: 254 },
    ];
    expect(toNetavark(conflist({ ipam: { ranges: RANGES, routes } }))).toMatchObject({
      file: {
        routes: [
          { destination: '10.98.0.0/16', gateway: '10.87.9.2' },
          { destination: '10.99.0.0/16', gateway: '10.87.9.1', metric: 7 },
        ],
      },
      lost: [],
    });
  });

  it('lists default routes that differ by family', () => {
    const ranges = [...RANGES, [{ subnet: 'fd00:87:9::/64' }]];
    const { file } = toNetavark(
      conflist({ isDefaultGateway: false, ipam: { ranges, routes: [{ dst: '::/0' }] } }),
    );
    expect([file.options, file.routes]).toEqual([
      { no_default_route: 'true' },
      [{ destination: '::/0', gateway: 'fd00:87:9::1' }],
    ]);
  });

  it('carries internal networks, servers of names and labels, and what netavark had before', () => {
    const args = {
      podman_labels: { a: 'b' },
      netavark: { id: '8'.repeat(64), created: '2026-02-01T08:00:00.5Z' },
    };
    const plugin = { internal: true, dns: { nameservers: ['10.87.9.53'] } };
    expect(toNetavark(conflist(plugin, { args }))).toMatchObject({
      file: {
        ...args.netavark,
        internal: true,
        network_dns_servers: ['10.87.9.53'],
        labels: { a: 'b' },
      },
      lost: [],
    });
  });

  it.each([
    [{ names: {} }, true],
    [{ names: { server: 'off' } }, false],
    [{}, false],
  ])('switches names on or off as %j does', (plugin, isOn) => {
    expect(toNetavark(conflist(plugin))).toMatchObject({ file: { dns_enabled: isOn }, lost: [] });
  });

  it('takes a label for a label, whatever it is called', () => {
    const text = conflist({}, { args: { podman_labels: {} } }).replace(
      '"podman_labels":{}',
      '"podman_labels":{"__proto__":"a","constructor":"b"}',
    );
    expect(Object.entries(toNetavark(text).file.labels)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });

  it.each([
    [{ mac: '02:00:00:00:00:01' }, ['mac']],
    [{ hostInterfaceName: 'web0' }, ['hostInterfaceName']],
    [{ isGateway: false }, ['isGateway', 'ipMasq']],
    [{ isGateway: false, ipMasq: false }, ['isGateway']],
    [{ isGateway: false, internal: true }, ['isGateway', 'internal']],
    [
      { isGateway: false, promiscMode: true, forceAddress: true, outbound_addr4: '203.0.113.5' },
      ['isGateway', 'ipMasq', 'promiscMode', 'forceAddress', 'outbound_addr4'],
    ],
    [
      { isGateway: false, ipMasq: false, ingressPolicy: 'isolated', forwardAccept: true },
      ['isGateway', 'ingressPolicy'],
    ],
    [{ names: { server: 'auto', mine: 1 } }, ['names.mine']],
    [{ args: { cni: { ips: ['10.87.9.9'] } } }, ['args']],
    [{ dns: { nameservers: ['10.87.9.53'], search: ['lab'], domain: 'lab' } }, ['dns.search', 'dns.domain']],
    [{ dns: { nameservers: ['ns.lab'] } }, ['dns.nameservers']],
    [{ mine: 1, dns: { mine: 1 } }, ['mine', 'dns.mine']],
    [{ ipam: { ranges: RANGES, resolvConf: '/etc/resolv.conf' } }, ['ipam.resolvConf']],
    [{ ipam: { ranges: RANGES, dns: { options: ['ndots:2'] } } }, ['ipam.dns.options']],
    [{ ipam: { ranges: RANGES, reservations: { 'a,b': '10.87.9.9' } } }, ['ipam.reservations["a,b"]']],
    [
      { ipam: { ranges: [[{ ...RANGES[0]![0], mine: 1 }]], mine: 2 } },
      ['ipam.mine', 'ipam.ranges[0][0].mine'],
    ],
    [{ ipam: { type: 'host-local', ranges: RANGES, dataDir: '/run/x' } }, ['ipam.type', 'ipam.dataDir']],
  ])('names what %j loses', (plugin, keys) => {
    expect([...toNetavark(conflist(plugin)).lost].sort()).toEqual([...keys].sort());
  });

  it.each([
    [{ dst: '10.99.0.0/16', mtu: 1400, advmss: 1360 }, ['ipam.routes[1].mtu', 'ipam.routes[1].advmss'], 2],
    [{ dst: '10.99.0.0/16', table: 100 }, ['ipam.routes[1]'], 1],
    [{ dst: '10.99.0.0/16', scope: 253 }, ['ipam.routes[1]'], 1],
    [{ dst: '10.99.0.0/16', gw: '10.87.9.2', scope: 200 }, ['ipam.routes[1].scope'], 2],
    [{ dst: '10.87.9.1/32' }, ['ipam.routes[1]'], 1],
    [{ dst: '10.99.0.0/16', mine: 1 }, ['ipam.routes[1].mine'], 2],
  ])(
    'names what the route %j loses, and leaves out one that would mean something else',
    (route, keys, left) => {
      const routes = [{ dst: '10.98.0.0/16' }, route];
      const { file, lost } = toNetavark(conflist({ ipam: { ranges: RANGES, routes } }));
      expect([lost, file.routes.length]).toEqual([keys, left]);
    },
  );

  it('names further ranges of a set, and the reservations in them', () => {
    const ranges = [[{ subnet: '10.87.9.0/24' }, { subnet: '10.87.10.0/24' }]];
    const reservations = { web: ['10.87.9.50', '10.87.10.50'] };
    const { file, lost } = toNetavark(conflist({ ipam: { ranges, reservations } }));
    expect(lost).toEqual(['ipam.ranges[0][1]', 'ipam.reservations["web"]']);
    expect(file).toMatchObject({
      subnets: [{ subnet: '10.87.9.0/24' }],
      options: { reservations: 'web=10.87.9.50' },
    });
  });

  it('names the other plugins of the list, and keys of the list that it does not know', () => {
    const [flatnet] = JSON.parse(conflist()).plugins;
    const list = {
      plugins: [flatnet, { type: 'tuning', mtu: 1400 }, { type: 'theirs' }],
      args: { podman_options: { isolate: 'true' }, podman_labels: { a: 1 } },
      mine: 1,
    };
    expect(toNetavark(conflist({}, list)).lost).toEqual([
      'mine',
      'args.podman_options',
      'args.podman_labels.a',
      'plugins[1]',
      'plugins[2]',
    ]);
  });

  it.each([
    [conflist({ ipam: { type: 'dhcp' } }), 'its addresses come from the IPAM plugin "dhcp"'],
    [conflist({}, { plugins: [{ type: 'bridge' }, { type: 'flatnet' }] }), 'the first plugin of'],
    [conflist({}, { plugins: [{ type: 'bridge' }] }), 'the first plugin of'],
    [conflist({ vlan: 5 }), 'Cannot do "vlan"'],
    [conflist({ mtu: 12 }), 'Invalid "mtu"'],
  ])('refuses %s', (text, said) => {
    expect(() => fromConflist(text)).toThrow(said);
  });

  it('refuses a network that no driver could serve, before anything is written', () => {
    const source = fromConflist(conflist());
    const other = { ...source, moved: { ...source.moved, name: 'another' } };
    expect(() => convert(other, NETWORK, STAMP)).toThrow('Invalid "name"');
  });
});
