import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { FlatnetError } from '../../src/input/error.ts';
import { between, checkShape, conforms, matching, oneOf } from '../../src/input/schema.ts';

const SCHEMA = z.looseObject({
  name: matching(/^[a-z]+$/, 'small letters'),
  mtu: z.optional(between(68, 9000, 'from 68 to 9000')),
  flags: z.optional(z.array(z.boolean())),
  policy: z.optional(oneOf(['open', 'closed'], '"open" or "closed"')),
  inner: z.optional(z.object({ deep: z.string() })),
});

function refusal(value: unknown): FlatnetError {
  try {
    checkShape(SCHEMA, value, 'the test');
  } catch (error) {
    if (error instanceof FlatnetError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown');
}

describe('checkShape()', () => {
  it.each([
    { name: 'a' },
    { name: 'a', mtu: 68, flags: [], unknown: { anything: 1 } },
    { name: 'a', inner: { deep: '' }, flags: [true, false], policy: 'open' },
  ])('takes %j', (value) => {
    expect(checkShape(SCHEMA, value, 'the test')).toEqual(value);
    expect(conforms(SCHEMA, value)).toBe(true);
  });

  it.each([
    [undefined, '', 'nothing', 'an object'],
    [[], '', '[]', 'an object'],
    [{}, 'name', 'nothing', 'small letters'],
    [{ name: 'A' }, 'name', '"A"', 'small letters'],
    [{ name: 'a', mtu: 67 }, 'mtu', '67', 'from 68 to 9000'],
    [{ name: 'a', mtu: 1500.5 }, 'mtu', '1500.5', 'from 68 to 9000'],
    [{ name: 'a', mtu: '1500' }, 'mtu', '"1500"', 'from 68 to 9000'],
    [{ name: 'a', mtu: Infinity }, 'mtu', 'null', 'from 68 to 9000'],
    [{ name: 'a', flags: [true, 1] }, 'flags[1]', '1', 'true or false'],
    [{ name: 'a', flags: {} }, 'flags', '{}', 'a list'],
    [{ name: 'a', policy: 'Open' }, 'policy', '"Open"', '"open" or "closed"'],
    [{ name: 'a', policy: 1 }, 'policy', '1', '"open" or "closed"'],
    [{ name: 'a', inner: { deep: 3 } }, 'inner.deep', '3', 'a text'],
    [{ name: 1, mtu: 'x', flags: {} }, 'name', '1', 'small letters'],
  ])('says of %j where it is wrong and what would be right', (value, key, shown, expected) => {
    expect(conforms(SCHEMA, value)).toBe(false);
    expect(refusal(value)).toMatchObject({
      kind: 'invalid',
      message: `Invalid "${key}" in the test: ${shown}`,
      details: `expected ${expected}`,
    });
  });

  it('takes no inherited property for a key that must be there', () => {
    const schema = z.looseObject({ constructor: z.optional(z.string()), toString: z.string() });
    expect(conforms(schema, {})).toBe(false);
  });
});
