import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Conf } from './machine.ts';
import type { DriverConf } from './protocol.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');

interface Conflist {
  readonly name: string;
  readonly plugins: readonly (Conf & { readonly type: string })[];
}

/** As `podman run -p 8080:80 -p 127.0.0.1:5353:53/udp`. */
const PORTS = [
  { hostPort: 8080, containerPort: 80, protocol: 'tcp', hostIP: '' },
  { hostPort: 5353, containerPort: 53, protocol: 'udp', hostIP: '127.0.0.1' },
];

function fromExample(file: string): [string, Conf][] {
  const { name, plugins } = JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')) as Conflist;
  return plugins
    .filter(({ type }) => type === 'flatnet')
    .map((plugin) => [
      file,
      { ...plugin, cniVersion: '1.0.0', name, runtimeConfig: { portMappings: PORTS } },
    ]);
}

/** Every network of examples/, as a runtime sends it, and one whose addresses another plugin gives. */
export const NETWORKS: readonly [string, Conf][] = [
  ...globSync('**/*.conflist', { cwd: EXAMPLES }).sort().flatMap(fromExample),
  [
    'host-local',
    {
      cniVersion: '1.0.0',
      name: 'delegated',
      type: 'flatnet',
      ipMasq: true,
      ipam: { type: 'host-local', ranges: [[{ subnet: '10.88.1.0/24' }]] },
    },
  ],
  [
    'both families',
    {
      cniVersion: '1.0.0',
      name: 'dual',
      type: 'flatnet',
      ipMasq: true,
      ipam: {
        ranges: [[{ subnet: '10.89.1.0/24' }], [{ subnet: 'fd00:89::/64' }]],
        routes: [{ dst: '10.1.0.0/16' }],
      },
    },
  ],
];

/** A network of both families as `create` completes it, but for the names by which these tests know what is shared. */
function driverNetwork(driver: string) {
  return {
    name: 'netavark',
    network_interface: 'flatnet-br0',
    subnets: [
      { subnet: '10.87.1.0/24', gateway: '10.87.1.1', lease_range: null },
      { subnet: 'fd00:89::/64', gateway: 'fd00:89::1', lease_range: null },
    ],
    ipv6_enabled: true,
    ipam_options: { driver },
    routes: [{ destination: '10.1.0.0/16', gateway: '10.87.1.1', metric: null }],
  };
}

/** As `podman run -p 8080-8081:80-81 -p 127.0.0.1:5353:53/udp`. */
const RANGES = [
  { host_port: 8080, container_port: 80, range: 2 },
  { host_port: 5353, container_port: 53, protocol: 'udp', host_ip: '127.0.0.1' },
];

/** The same for netavark: flatnet chooses the addresses, or Podman has. */
export const DRIVER_NETWORKS: readonly [string, DriverConf][] = [
  ['a driver of netavark', { driver: 'flatnet', network: driverNetwork('flatnet'), ports: RANGES }],
  [
    'a driver of netavark, whose addresses Podman chooses',
    {
      driver: 'flatnet',
      network: driverNetwork('host-local'),
      ports: RANGES,
      ips: ['10.87.1.9', 'fd00:89::9'],
    },
  ],
];

/** Whether another plugin gives the addresses. */
export const isDelegated = ({ ipam }: Conf) => (ipam as Conf | undefined)?.['type'] !== undefined;
