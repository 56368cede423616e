import { claimsOf, indexClaims, type PortMapping } from '../firewall/ports.ts';
import { formatAddress, parseAddress } from '../input/address.ts';
import { type portMapping, toPortMapping } from './schema.ts';
import { familiesOf, type NetworkSpec } from './spec.ts';
import { invalidValue } from '../input/parse.ts';
import type { Infer } from '../input/schema.ts';
import type { ListPlace } from './parse-routes.ts';

function canonicalHostIP(mapping: PortMapping, key: string, where: string): PortMapping {
  if (mapping.hostIP === undefined) return mapping;
  const address = parseAddress(mapping.hostIP);
  if (address !== undefined) return { ...mapping, hostIP: formatAddress(address) };
  throw invalidValue(key, mapping.hostIP, { expected: 'an IP address of the host', where });
}

/**
 * Completes and validates CNI's `runtimeConfig.portMappings` or netavark's `port_mappings`.
 * @throws FlatnetError for an address of a family that the network lacks, and for a host port named twice.
 */
export function parsePortMappings(
  entries: readonly Infer<ReturnType<typeof portMapping>>[],
  ipam: NetworkSpec['ipam'],
  { list, where }: ListPlace,
): readonly PortMapping[] {
  const families = familiesOf(ipam);
  const seen = indexClaims<number>();
  return entries.map((entry, index) => {
    const key = `${list}[${index}]`;
    const mapping = canonicalHostIP(toPortMapping(entry), `${key}.hostIP`, where);
    const claims = claimsOf([mapping], families);
    if (claims.length === 0) {
      const expected = `an IPv${families.join(' or IPv')} address: the container gets no other`;
      throw invalidValue(`${key}.hostIP`, mapping.hostIP, { expected, where });
    }
    const first = claims.flatMap((claim) => seen.clashing(claim) ?? [])[0];
    if (first !== undefined) {
      const expected = `a host port that ${list}[${first}] does not name already`;
      throw invalidValue(`${key}.hostPort`, mapping.hostPort, { expected, where });
    }
    for (const claim of claims) seen.add(claim, index);
    return mapping;
  });
}
