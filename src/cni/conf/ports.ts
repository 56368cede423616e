import { claimsOf, indexClaims, type PortMapping } from '../../firewall/ports.ts';
import { formatAddress, parseAddress } from '../../input/address.ts';
import { toPortMapping } from '../../attachment/intent.ts';
import { invalidValue } from '../../input/parse.ts';
import type { PORT_MAPPING } from '../schema.ts';
import type { Infer } from '../../input/shape.ts';
import type { BuiltinIpam, DelegatedIpam } from '../types.ts';

function canonicalHostIP(mapping: PortMapping, key: string, where: string): PortMapping {
  if (mapping.hostIP === undefined) return mapping;
  const address = parseAddress(mapping.hostIP);
  if (address !== undefined) return { ...mapping, hostIP: formatAddress(address) };
  throw invalidValue(key, mapping.hostIP, { expected: 'an IP address of the host', where });
}

/** Families that a network gives addresses of; both, where another plugin decides. */
export function familiesOf(ipam: BuiltinIpam | DelegatedIpam): readonly (4 | 6)[] {
  if (ipam.kind === 'delegated') return [4, 6];
  return [...new Set(ipam.pool.sets.flatMap(([range]) => range?.family ?? []))];
}

/**
 * Completes and checks `runtimeConfig.portMappings`.
 *
 * @throws FlatnetError for an address of a family that the network has not, and for a host port named twice.
 */
export function parsePortMappings(
  entries: readonly Infer<typeof PORT_MAPPING>[],
  ipam: BuiltinIpam | DelegatedIpam,
  where: string,
): readonly PortMapping[] {
  const families = familiesOf(ipam);
  const seen = indexClaims<number>();
  return entries.map((entry, index) => {
    const key = `runtimeConfig.portMappings[${index}]`;
    const mapping = canonicalHostIP(toPortMapping(entry), `${key}.hostIP`, where);
    const claims = claimsOf([mapping], families);
    if (claims.length === 0) {
      const expected = `an IPv${families.join(' or IPv')} address: the container gets no other`;
      throw invalidValue(`${key}.hostIP`, mapping.hostIP, { expected, where });
    }
    const first = claims.flatMap((claim) => seen.clashing(claim) ?? [])[0];
    if (first !== undefined) {
      const expected = `a host port that runtimeConfig.portMappings[${first}] does not name already`;
      throw invalidValue(`${key}.hostPort`, mapping.hostPort, { expected, where });
    }
    for (const claim of claims) seen.add(claim, index);
    return mapping;
  });
}
