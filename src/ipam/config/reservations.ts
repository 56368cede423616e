import { formatAddress, parseAddress } from '../../input/address.ts';
import { configError } from '../errors.ts';
import { isAssignable, rangeOf } from '../range.ts';
import type { Pool, RangeSet } from '../types.ts';
import { parseKey, RESERVED, type Section } from './schema.ts';

/** Each address is reserved for the container of that name. */
export function parseReservations(
  reservations: Section['reservations'] = {},
  sets: readonly RangeSet[],
): Pool['reservations'] {
  const owners = new Map<string, string>();
  const entries = Object.entries(reservations).map(([name, value]) => {
    const key = `ipam.reservations[${JSON.stringify(name)}]`;
    const fields = Array.isArray(value)
      ? value.map((one: unknown, index) => ({ key: `${key}[${index}]`, value: one }))
      : [{ key, value }];
    const addresses = fields.map((field) => {
      const address = parseReserved(parseKey(RESERVED, field.value, field.key), field.key, sets);
      const owner = owners.get(address);
      if (owner !== undefined)
        throw configError(field.key, field.value, `it is reserved for "${owner}" already`);
      owners.set(address, name);
      return address;
    });
    return [name, addresses] as const;
  });
  return Object.fromEntries(entries);
}

function parseReserved(text: string, key: string, sets: readonly RangeSet[]): string {
  const address = parseAddress(text);
  const range = address && rangeOf(sets.flat(), address);
  if (address === undefined || range === undefined) {
    throw configError(key, text, 'an address in a subnet of this network is needed');
  }
  if (!isAssignable(range, address.value)) {
    throw configError(key, text, 'it is the network, broadcast or gateway address, or excluded');
  }
  return formatAddress(address);
}
