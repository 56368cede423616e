import * as z from 'zod/mini';
import { isFields } from '../../input/parse.ts';
import {
  type Infer,
  type InferKeys,
  parseAs,
  parseKeys,
  type Problem,
  whenNeeded,
} from '../../input/schema.ts';
import { configError } from '../errors.ts';

export const SPAN_FORMS =
  'an address "10.87.1.9", a network "10.87.1.16/28" or a span "10.87.1.20-10.87.1.30" is needed';

const ADDRESS = z.string('it must be text: an address');
const SUBNET = z.string('it must be text: a subnet like "10.87.1.0/24" or "fd00:87::/64"');

const exclude = whenNeeded(() =>
  z.array(z.string(SPAN_FORMS), 'it must be a list of addresses, networks or spans'),
);

const range = whenNeeded(() => {
  const address = z.optional(ADDRESS);
  return z.looseObject(
    {
      rangeStart: address,
      rangeEnd: address,
      gateway: address,
      subnet: SUBNET,
      exclude: z.optional(exclude()),
    },
    'it must be an object with a subnet',
  );
});

export const rangeSets = whenNeeded(() =>
  z.array(
    z.array(range(), 'it must be a list of ranges, [{"subnet": "10.87.1.0/24"}]'),
    'it must be a list of range sets, [[{"subnet": "10.87.1.0/24"}]]',
  ),
);

/** The `ipam` section; unlisted keys belong to other plugins. */
const SECTION = {
  subnet: () => SUBNET,
  rangeStart: () => ADDRESS,
  rangeEnd: () => ADDRESS,
  gateway: () => ADDRESS,
  exclude,
  ranges: rangeSets,
  reservations: () =>
    z.looseObject(
      {},
      'it must be an object from container name to address, {"web": "10.87.1.50"}, or to a list of addresses',
    ),
  allowOverlap: () => z.boolean('it must be true or false'),
};

export const RESERVED = z.string('it must be text: an address');

export type RangeFields = Infer<ReturnType<typeof range>>;
export type Section = InferKeys<typeof SECTION>;

const refuseAt = (key: string) => (problem: Problem) =>
  configError(`${key}${pathBelow(problem.path)}`, problem.value, problem.expected);

/** @throws IpamError `config`, with `key` as the path of the value. */
export function parseKey<S extends z.ZodMiniType>(schema: S, value: unknown, key: string): Infer<S> {
  return parseAs(schema, value, refuseAt(key));
}

/** @throws IpamError `config`. */
export function parseSection(value: unknown): Section {
  if (!isFields(value)) throw configError('ipam', value, 'it must be an object');
  return parseKeys(SECTION, value, refuseAt('ipam'));
}

function pathBelow(path: readonly PropertyKey[]): string {
  return path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
}
