import { formatAddress, parseAddress } from '../../input/address.ts';
import { isRecord, listField, textField, type Field } from './field.ts';
import { configError } from '../errors.ts';
import { isAssignable, spanContains } from '../range.ts';
import type { Pool, RangeSet } from '../types.ts';

const SHAPE = 'an object from container name to address, {"web": "10.87.1.50"}, or to a list of addresses';

/** Reads `reservations`: each address can be had by the container of that name alone. */
export function parseReservations(source: Field, sets: readonly RangeSet[]): Pool['reservations'] {
  if (source.value === undefined) {
    return {};
  }
  if (!isRecord(source.value)) {
    throw configError(source.key, source.value, `it must be ${SHAPE}`);
  }
  const owners = new Map<string, string>();
  const entries = Object.entries(source.value).map(([name, value]) => {
    const entry: Field = { key: `${source.key}[${JSON.stringify(name)}]`, value };
    const fields = Array.isArray(value) ? listField(entry, SHAPE) : [entry];
    const addresses = fields.map((one) => parseReserved(one, sets));
    for (const [index, address] of addresses.entries()) {
      const owner = owners.get(address);
      if (owner !== undefined) {
        const at = fields[index] ?? entry;
        throw configError(at.key, at.value, `it is reserved for "${owner}" already`);
      }
      owners.set(address, name);
    }
    return [name, addresses] as const;
  });
  return Object.fromEntries(entries);
}

function parseReserved(source: Field, sets: readonly RangeSet[]): string {
  const address = parseAddress(textField(source, 'an address') ?? '');
  const range = sets
    .flat()
    .find((one) => one.family === address?.family && spanContains(one.subnet, address.value));
  if (address === undefined || range === undefined) {
    throw configError(source.key, source.value, 'an address in a subnet of this network is needed');
  }
  if (!isAssignable(range, address.value)) {
    throw configError(
      source.key,
      source.value,
      'it is the network, broadcast or gateway address, or excluded',
    );
  }
  return formatAddress(address);
}
