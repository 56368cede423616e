import { formatAddress, networkOf, parseAddress, parseCidr, type Cidr } from '../../input/address.ts';
import { hostsOf, spansOverlap } from '../../ipam/range.ts';
import { CliError } from '../failure.ts';

function cidrOf(text: string): Cidr | undefined {
  return parseCidr(text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`);
}

/** The first of the texts (routes, subnets) that shares an address with the subnet. */
export function firstOverlap(subnet: string, taken: readonly string[]): string | undefined {
  const own = cidrOf(subnet);
  if (own === undefined) return undefined;
  return taken.find((text) => {
    const other = cidrOf(text);
    return other?.family === own.family && other.prefix > 0 && spansOverlap(networkOf(own), networkOf(other));
  });
}

/** Subnets for networks that name none, in this order: 10.87.1.0/24 to 10.87.254.0/24. */
const CANDIDATES = Array.from({ length: 254 }, (_, index) => `10.87.${index + 1}.0/24`);

/** The first free subnet; `undefined` when all are taken. */
export function findFreeSubnet(taken: readonly string[]): string | undefined {
  return CANDIDATES.find((subnet) => firstOverlap(subnet, taken) === undefined);
}

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

/** The first address a host may have in the subnet. */
export function defaultGateway(subnet: string): string {
  const cidr = parseCidr(subnet);
  if (cidr === undefined)
    throw new CliError(`Cannot use subnet "${subnet}": expected a CIDR such as 10.87.2.0/24`);
  const { family, prefix } = cidr;
  return formatAddress({ family, value: hostsOf({ ...networkOf(cidr), prefix }, family).first });
}

/** The first free bridge name: `flatnet-br1`, … */
export function freeBridge(taken: readonly string[]): string {
  for (let number = 0; ; number += 1) {
    const name = `flatnet-br${number}`;
    if (!taken.includes(name)) return name;
  }
}

/** Canonical text of an address that was typed. */
export function canonical(text: string): string {
  const address = parseAddress(text);
  if (address === undefined) throw new CliError(`Cannot use gateway "${text}": it is no IP address`);
  return formatAddress(address);
}
