import { LAB, requestOf } from '../fixtures/driver.ts';

/*
 * What a driver of netavark may be sent that no Podman sends: by kind, each with a word that its error has to have.
 */

type Change = Readonly<Record<string, unknown>>;

/** What is wrong, the request or network, and what the error says of it. */
export type Hostile = readonly [string, unknown, RegExp];

/** On the bridge by which the tests of faults know what is shared. */
export const NETWORK = { ...LAB, network_interface: 'flatnet-br0' };
export const GOOD = requestOf({
  network: NETWORK,
  containerID: 'f'.repeat(64),
  ports: [{ container_port: 80, host_port: 8080 }],
}) as Record<string, any>;

const request = (change: Change): unknown => ({ ...GOOD, ...change });
const network = (change: Change): unknown => request({ network: { ...NETWORK, ...change } });
const asked = (change: Change): unknown =>
  request({ network_options: { ...GOOD['network_options'], ...change } });
const port = (change: Change): unknown =>
  request({
    port_mappings: [
      { container_port: 80, host_port: 8080, host_ip: '', protocol: 'tcp', range: 1, ...change },
    ],
  });
const subnets = (...values: readonly unknown[]): unknown => network({ subnets: values });
const options = (values: Change): unknown => network({ options: values });
const without = (key: string): unknown =>
  Object.fromEntries(Object.entries(GOOD).filter(([name]) => name !== key));

const NASTY = [
  'a\nb',
  '"',
  '%s%n',
  '..',
  '../../etc',
  '-rf',
  'eth0;reboot',
  '\u001b[2J',
  '\u202e',
  'a/b',
  ' ',
];

/** Names without which nothing can be found: `teardown` refuses them too. */
export const NAMES: readonly Hostile[] = [
  ['no container id', without('container_id'), /"container_id"/],
  ['no network', without('network'), /"network/],
  ['no options of the container', without('network_options'), /"network_options/],
  ['a container id of 193 characters', request({ container_id: 'f'.repeat(193) }), /at most 192 characters/],
  ['a container id that is a number', request({ container_id: 1 }), /"container_id"/],
  ['a container id that is a list', request({ container_id: ['a'] }), /"container_id"/],
  ...[...NASTY, 'ünïcode', '\ud800', '__proto__ ', ''].map((id): Hostile => [
    `container id ${JSON.stringify(id)}`,
    request({ container_id: id }),
    /"container_id"/,
  ]),
  ...[...NASTY, 'sixteen-bytes-xx', 'all', 'default', '.', 'eth0:1', 'ünïcode', ''].map((ifname): Hostile => [
    `interface ${JSON.stringify(ifname)}`,
    asked({ interface_name: ifname }),
    /"network_options\.interface_name"/,
  ]),
  ['an interface that is a number', asked({ interface_name: 0 }), /"network_options\.interface_name"/],
  ...[...NASTY, '', 'x'.repeat(300), '\ud800'].map((name): Hostile => [
    `network ${JSON.stringify(name).slice(0, 30)}`,
    network({ name }),
    /"(network\.)?name"/,
  ]),
  ['a network that is a list', request({ network: [] }), /"network/],
  ['a network without a name', network({ name: null }), /"network\.name"/],
  [
    'a name from the prototype',
    JSON.parse(`{"__proto__":${JSON.stringify(GOOD)},"network":{}}`),
    /"container_id"|"network/,
  ],
];

/** What only `setup` has to understand. */
export const SETUP: readonly Hostile[] = [
  ['no bridge', network({ network_interface: null }), /"network_interface"/],
  ['a bridge that is a path', network({ network_interface: '../x' }), /"network_interface"/],
  ['a bridge of 16 bytes', network({ network_interface: 'sixteen-bytes-xx' }), /"network_interface"/],
  ['no subnet', subnets(), /no subnet/],
  ['subnets that are a text', network({ subnets: 'all' }), /"network\.subnets"/],
  ['a subnet without a prefix', subnets({ subnet: '10.87.2.0' }), /"network\.subnets\[0\]\.subnet"/],
  ['a prefix beyond the family', subnets({ subnet: '10.87.2.0/33' }), /subnets\[0\]\.subnet/],
  ['a subnet that has host bits', subnets({ subnet: '10.87.2.7/24' }), /10\.87\.2\.7\/24|10\.87\.2\.0\/24/],
  ['a subnet with a scope', subnets({ subnet: 'fe80::1%eth0/64' }), /"network\.subnets\[0\]\.subnet"/],
  ['one subnet twice', subnets({ subnet: '10.87.2.0/24' }, { subnet: '10.87.2.0/24' }), /overlap/],
  ['a subnet in another', subnets({ subnet: '10.87.0.0/16' }, { subnet: '10.87.2.0/24' }), /overlap/],
  ['a gateway outside', subnets({ subnet: '10.87.2.0/24', gateway: '10.9.9.9' }), /subnets\[0\]\.gateway/],
  ['a gateway of the other family', subnets({ subnet: '10.87.2.0/24', gateway: 'fd00::1' }), /gateway/],
  [
    'a lease range that ends before it begins',
    subnets({ subnet: '10.87.2.0/24', lease_range: { start_ip: '10.87.2.9', end_ip: '10.87.2.3' } }),
    /lease_range/,
  ],
  [
    'a lease range outside',
    subnets({ subnet: '10.87.2.0/24', lease_range: { start_ip: '10.87.3.9' } }),
    /lease_range\.start_ip/,
  ],
  ['a route that is a text', network({ routes: ['10.0.0.0/8'] }), /"network\.routes\[0\]"/],
  ['a route without a prefix', network({ routes: [{ destination: '10.0.0.0' }] }), /destination/],
  [
    'a route by a gateway of the other family',
    network({ routes: [{ destination: '10.0.0.0/8', gateway: 'fd00::1' }] }),
    /routes/,
  ],
  ['a metric below 0', network({ routes: [{ destination: '10.0.0.0/8', metric: -1 }] }), /metric/],
  [
    'a resolver that is a name',
    network({ network_dns_servers: ['dns'] }),
    /"network\.network_dns_servers\[0\]"/,
  ],
  ['flags that are texts', network({ internal: 'yes' }), /"network\.internal"/],
  ['options that are a text', network({ options: 'all' }), /"network\.options"/],
  ['an option that is a number', options({ mtu: 1500 }), /"network\.options\.mtu"/],
  ['an unknown option', options({ mtuu: '1500' }), /did you mean "mtu"/],
  ['an option from the prototype', options({ constructor: 'x' }), /Unknown option/],
  ['an option with a control character', options({ '\u001b[2J': 'x' }), /Unknown option/],
  ['an MTU that is none', options({ mtu: '1e3' }), /options\.mtu/],
  ['an MTU below the least', options({ mtu: '10' }), /options\.mtu/],
  ['a data directory that is relative', options({ 'data-dir': '../x' }), /options\.data-dir/],
  ['a data directory with a line feed', options({ 'data-dir': '/a\nb' }), /options\.data-dir/],
  ['an exclusion that is no address', options({ exclude: 'all' }), /options\.exclude/],
  ['a reservation without a name', options({ reservations: '=10.87.2.5' }), /options\.reservations/],
  ['a VLAN, which flatnet does not do', options({ vlan: '7' }), /Cannot do option "vlan"/],
  ['an option of the network in a container', asked({ options: { isolate: 'true' } }), /Cannot set option/],
  ['an address outside', asked({ static_ips: ['10.9.9.9'] }), /10\.9\.9\.9/],
  ['the address of the gateway', asked({ static_ips: ['10.87.2.1'] }), /10\.87\.2\.1/],
  ['the address of the network', asked({ static_ips: ['10.87.2.0'] }), /10\.87\.2\.0/],
  ['an address with a prefix', asked({ static_ips: ['10.87.2.5/24'] }), /static_ips/],
  ['an address that is a number', asked({ static_ips: [5] }), /static_ips/],
  ['a MAC of 5 bytes', asked({ static_mac: '02:00:00:00:00' }), /static_mac/],
  ['a MAC of a group', asked({ static_mac: '01:00:00:00:00:01' }), /unicast/],
  ['a MAC of zeros', asked({ static_mac: '00:00:00:00:00:00' }), /unicast/],
  ['ports that are a text', request({ port_mappings: '80' }), /"port_mappings"/],
  ['a port that is a text', request({ port_mappings: ['80'] }), /"port_mappings\[0\]"/],
  ...[0, -1, 65_536, 1.5, '80', null, 1e300].flatMap((value): Hostile[] => [
    [`host port ${value}`, port({ host_port: value }), /port_mappings\[0\]\.host_port/],
    [`container port ${value}`, port({ container_port: value }), /port_mappings\[0\]\.container_port/],
  ]),
  ['a range beyond the last port', port({ host_port: 65_530, range: 10 }), /range/],
  ['a range beyond the last port inside', port({ container_port: 65_535, range: 2 }), /range/],
  ['a range of 65,536', port({ range: 65_536 }), /range/],
  ['a range below 0', port({ range: -1 }), /range/],
  ...['icmp', 'TCP;', 'tcp,', 'any'].map((protocol): Hostile => [
    `protocol ${protocol}`,
    port({ protocol }),
    /"tcp", "udp" or "sctp"/,
  ]),
  ['a host address that is a name', port({ host_ip: 'localhost' }), /host_ip|hostIP/],
  ['a host address with a scope', port({ host_ip: 'fe80::1%eth0' }), /host_ip|hostIP/],
  ['Podman choosing without an address', network({ ipam_options: { driver: 'none' } }), /static_ips/],
];

/** Networks that `create` refuses. */
export const CREATE: readonly Hostile[] = [
  ...SETUP.filter(([, value]) => isOfNetwork(value)).map(([what, value, said]): Hostile => [
    what,
    networkOf(value),
    inNetwork(said),
  ]),
  ['no name', { ...NETWORK, name: null }, /"name"/],
  ['a bridge that is a link of another kind', { ...NETWORK, network_interface: 'lo' }, /"lo"/],
  ['an ipam driver that nobody has', { ...NETWORK, ipam_options: { driver: 'dhcp' } }, /ipam driver "dhcp"/],
  ['both families and no id', { name: 'six', ipv6_enabled: true, id: null }, /no id/],
];

function networkOf(value: unknown): Readonly<Record<string, unknown>> {
  return (value as { network: Readonly<Record<string, unknown>> }).network;
}

/** What `create` completes, or has nothing to do with, is no error there. */
function isOfNetwork(value: unknown): boolean {
  const { network_interface: bridge, subnets: named, ipam_options: ipam } = networkOf(value);
  const isChanged = JSON.stringify(networkOf(value)) !== JSON.stringify(NETWORK);
  const isOpen = bridge === null || (Array.isArray(named) && named.length === 0);
  return isChanged && !isOpen && JSON.stringify(ipam) === JSON.stringify(LAB.ipam_options);
}

/** There the network is the whole document. */
function inNetwork(said: RegExp): RegExp {
  return new RegExp(said.source.replaceAll('network\\.', ''));
}
