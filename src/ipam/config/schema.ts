import * as z from 'zod/mini';
import { type Infer, parseAs } from '../../input/schema.ts';
import { configError } from '../errors.ts';

export const SPAN_FORMS =
  'an address "10.87.1.9", a network "10.87.1.16/28" or a span "10.87.1.20-10.87.1.30" is needed';

const ADDRESS = z.optional(z.string('it must be text: an address'));
const SUBNET = z.string('it must be text: a subnet like "10.87.1.0/24" or "fd00:87::/64"');
const EXCLUDE = z.optional(
  z.array(z.string(SPAN_FORMS), 'it must be a list of addresses, networks or spans'),
);

const RANGE_FIELDS = { rangeStart: ADDRESS, rangeEnd: ADDRESS, gateway: ADDRESS };

/** One range as host-local has it, with flatnet's `exclude`. */
const RANGE = z.looseObject(
  { ...RANGE_FIELDS, subnet: SUBNET, exclude: EXCLUDE },
  'it must be an object with a subnet',
);

/** `ranges` of the section, and `runtimeConfig.ipRanges`. */
export const RANGE_SETS = z.optional(
  z.array(
    z.array(RANGE, 'it must be a list of ranges, [{"subnet": "10.87.1.0/24"}]'),
    'it must be a list of range sets, [[{"subnet": "10.87.1.0/24"}]]',
  ),
);

/** The `ipam` section; keys that are not named here belong to others. */
export const SECTION = z.looseObject(
  {
    ...RANGE_FIELDS,
    subnet: z.optional(SUBNET),
    ranges: RANGE_SETS,
    exclude: EXCLUDE,
    reservations: z.optional(
      z.looseObject(
        {},
        'it must be an object from container name to address, {"web": "10.87.1.50"}, or to a list of addresses',
      ),
    ),
    allowOverlap: z.optional(z.boolean('it must be true or false')),
  },
  'it must be an object',
);

/** One reserved address. */
export const RESERVED = z.string('it must be text: an address');

export type RangeFields = Infer<typeof RANGE>;
export type Section = Infer<typeof SECTION>;

/**
 * Reads a value of the configuration.
 *
 * @param key - where it stands.
 * @throws IpamError of kind `config`.
 */
export function parseKey<S extends z.ZodMiniType>(schema: S, value: unknown, key: string): Infer<S> {
  return parseAs(schema, value, (problem) =>
    configError(`${key}${pathBelow(problem.path)}`, problem.value, problem.expected),
  );
}

function pathBelow(path: readonly PropertyKey[]): string {
  return path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
}
