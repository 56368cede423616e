import { parsePool } from '../../ipam/config/config.ts';
import { IpamError } from '../../ipam/errors.ts';
import type { Pool } from '../../ipam/types.ts';
import { FlatnetError } from '../../input/error.ts';
import type { Infer } from '../../input/schema.ts';
import type { NETWORK } from '../schema.ts';
import type { Settings } from './options.ts';

/** The shape of a network. */
export type Network = Infer<typeof NETWORK>;

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
    const details = `it stands in network "${name}"`;
    throw new FlatnetError('invalid', error.message, { details, cause: error });
  }
}
