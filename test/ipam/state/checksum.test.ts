import { describe, expect, it } from 'vitest';
import { checkLine, checkLines, checksumOf, wholeWords } from '../../../src/ipam/state/checksum.ts';

const lines = (...texts: string[]) => Buffer.from(texts.map((text) => `${wholeWords(text)}\n`).join(''));

describe('checkLines()', () => {
  it('checks each line by itself', () => {
    expect(checkLines(lines('one', 'two, ü'), 7)).toEqual([
      checkLine('one', 7),
      checkLine(wholeWords('two, ü'), 7),
    ]);
  });

  it('says the same wherever the bytes lie in memory', () => {
    const bytes = lines('one', 'two', 'three');
    const shifted = Buffer.concat([Buffer.from('x'), bytes]).subarray(1);
    expect(checkLines(shifted, 1)).toEqual(checkLines(bytes, 1));
  });

  it('tells the parts of a file apart by their seed', () => {
    expect(checkLine('one', 1)).not.toBe(checkLine('one', 2));
  });
});

describe('checksumOf()', () => {
  it('has eight digits, whatever the sum', () => {
    expect([[], [1], [-1, -1], [0x7fffffff, 1]].map(checksumOf)).toEqual([
      '00000000',
      '00000001',
      'fffffffe',
      '80000000',
    ]);
  });
});
