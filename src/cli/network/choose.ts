import { findFreeSubnet } from '../../attachment/choose-subnet.ts';
import { formatAddress, networkOf, parseAddress, parseCidr } from '../../input/address.ts';
import { hostsOf } from '../../ipam/range.ts';
import { CliError } from '../failure.ts';

/**
 * The first free subnet.
 *
 * @throws CliError when all are taken.
 */
export function freeSubnet(taken: readonly string[]): string {
  const subnet = findFreeSubnet(taken);
  if (subnet !== undefined) return subnet;
  throw new CliError(
    'Cannot choose a subnet: 10.87.1.0/24 to 10.87.254.0/24 are all taken',
    'name one: --subnet 172.30.0.0/24',
  );
}

/**
 * The first host address of the subnet.
 * @throws CliError if the text is no CIDR.
 */
export function defaultGateway(subnet: string): string {
  const cidr = parseCidr(subnet);
  if (cidr === undefined)
    throw new CliError(`Cannot use subnet "${subnet}": expected a CIDR such as 10.87.2.0/24`);
  const { family, prefix } = cidr;
  return formatAddress({ family, value: hostsOf({ ...networkOf(cidr), prefix }, family).first });
}

/** Canonical text of an address that was typed. */
export function canonical(text: string): string {
  const address = parseAddress(text);
  if (address === undefined) throw new CliError(`Cannot use gateway "${text}": it is not an IP address`);
  return formatAddress(address);
}
