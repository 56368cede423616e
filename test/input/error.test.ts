import { describe, expect, it } from 'vitest';
import { FlatnetError } from '../../src/input/error.ts';
import { printable } from '../../src/input/printable.ts';
import { quote } from '../../src/input/quote.ts';

describe('FlatnetError', () => {
  it('shows what a terminal would obey as codes, in message and details', () => {
    const error = new FlatnetError('veth', 'Link "\u001b[2J" exists', { details: 'named\u202e so' });
    expect(error.message).toBe('Link "\\u001b[2J" exists');
    expect(error.details).toBe('named\\u202e so');
  });

  it('keeps kind and message when its details are amended', () => {
    const error = new FlatnetError('route', 'Cannot add the route').amended({ details: 'and no undo' });
    expect(error).toMatchObject({ kind: 'route', message: 'Cannot add the route', details: 'and no undo' });
  });

  it('never grows with what was sent', () => {
    const error = new FlatnetError('invalid', 'x'.repeat(1e6), { details: 'y'.repeat(1e6) });
    expect(error.message.length).toBeLessThan(1_100);
    expect(error.details?.length).toBeLessThan(4_100);
  });
});

describe('printable()', () => {
  it('makes one line of several', () => {
    expect(printable('a\n  b')).toBe('a b');
  });
});

describe('quote()', () => {
  it.each([
    [undefined, 'nothing'],
    ['a"b', '"a\\"b"'],
    [{ a: 1 }, '{"a":1}'],
  ])('shows %j as %s', (value, shown) => {
    expect(quote(value)).toBe(shown);
  });
});
