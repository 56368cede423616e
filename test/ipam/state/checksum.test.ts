import { describe, expect, it } from 'vitest';
import { scanLines, wholeWords } from '../../../src/ipam/state/checksum.ts';

const lines = (...texts: string[]) => Buffer.from(texts.map(wholeWords).join(''));

describe('scanLines()', () => {
  it('finds the lines, and adds their checks up', () => {
    const both = scanLines(lines('one', 'two, ü'), 7);
    expect(both.ends).toEqual([4, 12]);
    expect(both.sum).toBe((scanLines(lines('one'), 7).sum + scanLines(lines('two, ü'), 7).sum) | 0);
  });

  it('says the same wherever the bytes lie in memory', () => {
    const bytes = lines('one', 'two', 'three');
    const shifted = Buffer.concat([Buffer.from('x'), bytes]).subarray(1);
    expect(scanLines(shifted, 1)).toEqual(scanLines(bytes, 1));
  });

  it('tells the parts of a file apart by their seed', () => {
    expect(scanLines(lines('one'), 1).sum).not.toBe(scanLines(lines('one'), 2).sum);
  });
});
