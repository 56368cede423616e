import fc from 'fast-check';
import type { ServedCall } from '../fixtures/serve-driver.ts';
import { address, anything, jsonOf, list, object, roughly, text } from './inputs.ts';

const port = fc.nat(70_000);

const option = fc.oneof(
  fc.constantFrom('1500', 'true', 'false', 'strict', 'unmanaged', 'isolated', '/var/lib/x', 'web=10.87.2.9'),
  address,
  text,
);

/** Names of options as they are, misspelt, refused, and of no kind. */
const options = fc.dictionary(
  fc.oneof(
    fc.constantFrom('mtu', 'isolate', 'mode', 'metric', 'no_default_route', 'masquerade', 'ingress-policy'),
    fc.constantFrom(
      'exclude',
      'reservations',
      'data-dir',
      'egress-rate',
      'vlan',
      'mtuu',
      'com.docker.network.driver.mtu',
    ),
    text,
  ),
  roughly(option),
  { maxKeys: 2 },
);

const subnet = object({
  subnet: fc.oneof(fc.constantFrom('10.87.2.0/24', 'fd00:87:2::/64', '10.87.2.0/30'), address),
  gateway: address,
  lease_range: object({ start_ip: address, end_ip: address }),
});

/** The keys without which there is nothing to look at are nearly always there. */
const network = object({
  name: fc.constantFrom('lab', 'other'),
  id: fc.constantFrom('1'.repeat(64), 'x'),
  driver: fc.constant('flatnet'),
  network_interface: fc.constantFrom('flatnet-br1', 'lo'),
  subnets: list(subnet),
  routes: list(object({ destination: address, gateway: address, metric: fc.nat(), route_type: text })),
  internal: fc.boolean(),
  ipv6_enabled: fc.boolean(),
  dns_enabled: fc.boolean(),
  network_dns_servers: list(address),
  options,
  ipam_options: object({ driver: fc.constantFrom('flatnet', 'default', 'host-local', 'none', 'dhcp') }),
  labels: anything,
}).map((value) => ({
  name: 'lab',
  network_interface: 'flatnet-br1',
  subnets: [{ subnet: '10.87.2.0/24' }],
  ipam_options: { driver: 'flatnet' },
  ...Object(value),
}));

const request = object({
  container_id: fc.constantFrom('abc', 'f'.repeat(64)),
  container_name: text,
  port_mappings: list(
    object({ container_port: port, host_port: port, host_ip: address, protocol: text, range: port }),
  ),
  network,
  network_options: object({
    aliases: list(text),
    interface_name: fc.constantFrom('eth0', 'eth1'),
    static_ips: list(address),
    static_mac: fc.oneof(fc.constantFrom('02:00:00:00:00:01', 'ff:ff:ff:ff:ff:ff'), text),
    options,
  }).map((value) => ({ interface_name: 'eth0', ...Object(value) }) as object),
}).map(
  (value) =>
    ({
      container_id: 'abc',
      network: { name: 'lab', network_interface: 'flatnet-br1', subnets: [{ subnet: '10.87.2.0/24' }] },
      network_options: { interface_name: 'eth0' },
      ...Object(value),
    }) as object,
);

/** The kernel ends an argument at a NUL byte. */
const path = fc
  .oneof(
    { weight: 8, arbitrary: fc.constantFrom('/run/netns/absent', '/etc/hostname', '/proc/self/ns/net', '') },
    { weight: 1, arbitrary: text },
  )
  .map((each) => each.replaceAll('\0', '').toWellFormed());

const env = fc.record(
  {
    RUST_LOG: fc.constantFrom('netavark=debug', 'warn', '\u001b'),
    FLATNET_LOG_LEVEL: fc.constantFrom('debug', 'off'),
  },
  { requiredKeys: [] },
);

/** Calls of every kind of wrong, none of which names a namespace that could be attached. */
export const driverCall: fc.Arbitrary<ServedCall> = fc.oneof(
  { weight: 9, arbitrary: call(fc.constantFrom('setup', 'teardown'), jsonOf(request)) },
  // It starts two programs.
  { weight: 1, arbitrary: call(fc.constant('create'), jsonOf(network)) },
);

function call(word: fc.Arbitrary<ServedCall['word']>, input: fc.Arbitrary<string>): fc.Arbitrary<ServedCall> {
  return fc.record({ word, netns: path, input, env });
}
