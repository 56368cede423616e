import { LEAST_MTU } from '../../bridge/mtu.ts';
import { familiesOf, type NetworkSpec } from '../../attachment/spec.ts';
import { invalidValue } from '../../input/parse.ts';

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
