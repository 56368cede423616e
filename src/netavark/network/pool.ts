import { parsePool } from '../../ipam/config/config.ts';
import { IpamError } from '../../ipam/errors.ts';
import type { Pool } from '../../ipam/types.ts';
import { FlatnetError } from '../../input/error.ts';
import type { Infer } from '../../input/schema.ts';
import type { NETWORK } from '../schema.ts';
import type { Settings } from './options.ts';

/** The shape of a network. */
export type Network = Infer<typeof NETWORK>;

const FIELDS: Readonly<Record<string, string>> = {
  subnet: 'subnet',
  gateway: 'gateway',
  rangeStart: 'lease_range.start_ip',
  rangeEnd: 'lease_range.end_ip',
};

/** The library of addresses names keys as CNI does; the user has typed others. */
export function inOwnWords(message: string): string {
  return message
    .replace(/ipam\.ranges\[(\d+)\]\[0\]\.(\w+)/, (whole, index: string, field: string) => {
      const own = FIELDS[field];
      return own === undefined ? whole : `subnets[${index}].${own}`;
    })
    .replace('ipam.ranges', 'subnets')
    .replace('ipam.exclude', 'options.exclude')
    .replace('ipam.reservations', 'options.reservations');
}

/**
 * The addresses of a network: one of each subnet for every container, as netavark's bridge gives them.
 *
 * @throws FlatnetError naming the value that is wrong.
 */
export function poolOf({ name, subnets = [] }: Network, settings: Settings): Pool {
  const ranges = subnets.map(({ subnet, gateway, lease_range: lease }) => [
    { subnet, gateway, rangeStart: lease?.start_ip, rangeEnd: lease?.end_ip },
  ]);
  const { exclude, reservations, allowOverlap } = settings;
  try {
    return parsePool({ network: name, ipam: { ranges, exclude, reservations, allowOverlap } });
  } catch (error) {
    if (!(error instanceof IpamError)) throw error;
    throw new FlatnetError('invalid', `${inOwnWords(error.message)} (network "${name}")`, { cause: error });
  }
}
