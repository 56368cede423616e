import { describe, expect, it } from 'vitest';
import { between, boolean, list, matching, number, object, optional, text } from '../../src/input/shape.ts';

const SHAPE = object({
  name: text(matching(/^[a-z]+$/, 'small letters')),
  mtu: optional(number(between(68, 9000, 'from 68 to 9000'))),
  flags: optional(list(boolean())),
  inner: optional(object({ deep: text() })),
});

describe('a shape', () => {
  it.each([
    { name: 'a' },
    { name: 'a', mtu: 68, flags: [], unknown: { anything: 1 } },
    { name: 'a', inner: { deep: '' }, flags: [true, false] },
  ])('takes %j', (value) => {
    expect(SHAPE.problem(value)).toBeUndefined();
  });

  it.each([
    [undefined, [], 'an object'],
    [[], [], 'an object'],
    [{}, ['name'], 'a text'],
    [{ name: 'A' }, ['name'], 'small letters'],
    [{ name: 'a', mtu: 67 }, ['mtu'], 'from 68 to 9000'],
    [{ name: 'a', mtu: 1500.5 }, ['mtu'], 'from 68 to 9000'],
    [{ name: 'a', mtu: '1500' }, ['mtu'], 'a number'],
    [{ name: 'a', mtu: Infinity }, ['mtu'], 'a number'],
    [{ name: 'a', flags: [true, 1] }, ['flags', 1], 'true or false'],
    [{ name: 'a', flags: {} }, ['flags'], 'a list'],
    [{ name: 'a', inner: { deep: 3 } }, ['inner', 'deep'], 'a text'],
  ])('says of %j where it is wrong and what would be right', (value, path, expected) => {
    expect(SHAPE.problem(value)).toEqual({ path, expected });
  });

  it('does not take inherited properties for keys', () => {
    expect(object({ constructor: optional(text()) }).problem({})).toBeUndefined();
    expect(object({ toString: text() }).problem({})).toEqual({ path: ['toString'], expected: 'a text' });
  });
});
