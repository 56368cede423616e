import type { Fields } from '../../input/parse.ts';
import { type Loss, unknownInList, unknownKeys } from './loss.ts';

/** Keys of a network's file that have a word in a conflist, or that follow from others. */
const FILE_KEYS = [
  ...[
    'name',
    'id',
    'driver',
    'network_interface',
    'created',
    'subnets',
    'routes',
    'ipv6_enabled',
    'internal',
  ],
  ...['dns_enabled', 'network_dns_servers', 'labels', 'options', 'ipam_options'],
];
const SUBNET_KEYS = ['subnet', 'gateway', 'lease_range'];
/** Others than unicast routes flatnet refuses. */
const ROUTE_KEYS = ['destination', 'gateway', 'metric', 'route_type'];

/** What of its keys a conflist has no word for. Options that flatnet does not know it refuses. */
export function networkFileLosses(fields: Fields): readonly Loss[] {
  return [
    ...unknownKeys(fields, FILE_KEYS),
    ...unknownInList(fields['subnets'], SUBNET_KEYS, 'subnets'),
    ...unknownInList(fields['routes'], ROUTE_KEYS, 'routes'),
    ...unknownKeys(fields['ipam_options'], ['driver'], 'ipam_options.'),
  ];
}
