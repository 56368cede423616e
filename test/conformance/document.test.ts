import { describe, expect, test } from 'vitest';
import { firstDocument } from '../../conformance/document.ts';

describe('firstDocument()', () => {
  test.each([
    ['{"a":1}', { a: 1 }, '', ''],
    [' [1, 2]\n', [1, 2], ' ', '\n'],
    ['log line\n{"a":"}"}\nmore', { a: '}' }, 'log line\n', '\nmore'],
    ['{"a":"\\"{"}{"b":2}', { a: '"{' }, '', '{"b":2}'],
    ['[warn] {"a":1}', { a: 1 }, '[warn] ', ''],
  ])('finds the document in %j', (text, value, before, after) => {
    expect(firstDocument(text)).toEqual({ value, before, after });
  });

  test.each(['', 'no document', '{"a":', '{a: 1}'])('finds none in %j', (text) => {
    expect(firstDocument(text)).toBeUndefined();
  });
});
