import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Conf } from './machine.ts';

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

/** Whether another plugin gives the addresses. */
export const isDelegated = ({ ipam }: Conf) => (ipam as Conf | undefined)?.['type'] !== undefined;
