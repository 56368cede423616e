import { type Fields, isFields } from '../../input/parse.ts';
import type { Field } from './meaning.ts';

/** Something that a network has and the other kind of network has no word for. */
export interface Loss {
  /** Path in the file: `ipam.routes[0].mtu`, `options.mode`. */
  readonly key: string;
  readonly value: unknown;
  /** What becomes of it, as a clause. */
  readonly why: string;
  /** What of the network's meaning it changes; nothing for a key that flatnet does not read. */
  readonly changes?: readonly Field[];
}

/** A part of a network, cut down to what netavark has words for, and what was cut off. */
export interface Narrowed<T> {
  readonly kept: T;
  readonly losses: readonly Loss[];
}

/** Keys of an object that no list names, each as a loss. */
export function unknownKeys(value: unknown, known: readonly string[], at = ''): readonly Loss[] {
  if (!isFields(value)) return [];
  return Object.entries(value)
    .filter(([key]) => !known.includes(key))
    .map(([key, held]) => ({ key: `${at}${key}`, value: held, why: 'flatnet does not know this key' }));
}

/** As unknownKeys(), for each object of a list. */
export function unknownInList(value: unknown, known: readonly string[], at: string): readonly Loss[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown, index) => unknownKeys(item, known, `${at}[${index}].`));
}

/** The object under a key; empty where there is none. */
export function objectAt(fields: Fields, key: string): Fields {
  const value = fields[key];
  return isFields(value) ? value : {};
}

/** The texts of an object's members, as labels are. */
export function textsAt(fields: Fields, key: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(objectAt(fields, key)).filter(
      (member): member is [string, string] => typeof member[1] === 'string',
    ),
  );
}
