import { NO_ADDRESSES, WITHOUT_ADDRESSES } from '../../attachment/no-addresses.ts';
import { LEAST_MTU } from '../../bridge/mtu.ts';
import { familiesOf, type NetworkSpec } from '../../attachment/spec.ts';
import { invalidValue, isFields } from '../../input/parse.ts';
import type { Envelope } from './envelope.ts';

/**
 * The configured MTU; 0 means none.
 * @throws FlatnetError if it is too small for the network's IPv6 addresses.
 */
export function parseMtu(
  mtu: number | undefined,
  ipam: NetworkSpec['ipam'],
  where: string,
): number | undefined {
  if (mtu === undefined || mtu === 0) return undefined;
  if (mtu >= LEAST_MTU[6] || ipam.from === 'source' || !familiesOf(ipam).includes(6)) return mtu;
  const expected = `${LEAST_MTU[6]} or more, which IPv6 needs; or take the IPv6 range out of "ipam"`;
  throw invalidValue('mtu', mtu, { expected, where });
}

/**
 * Of `disableContainerInterface`, as the reference bridge: the interface cannot have an address.
 * @throws FlatnetError for an `ipam` that is not empty.
 */
export function withoutIpam({ name, fields }: Pick<Envelope, 'name' | 'fields'>): NetworkSpec['ipam'] {
  const { ipam } = fields;
  if (!isFields(ipam) || Object.keys(ipam).length === 0) return NO_ADDRESSES;
  const expected = `${WITHOUT_ADDRESSES} ("disableContainerInterface")`;
  throw invalidValue('ipam', ipam, { expected, where: `the configuration of network "${name}"` });
}
