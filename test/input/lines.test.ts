import { expect, it } from 'vitest';
import { lineReader } from '../../src/input/lines.ts';

it('lineReader() hands on whole lines, however the text was cut, and keeps what is not one yet', () => {
  const lines: string[] = [];
  const read = lineReader((line) => lines.push(line));
  for (const piece of ['on', 'e\ntwo\n\nth', 'ree', '\nrest']) read(piece);
  expect(lines).toEqual(['one', 'two', '', 'three']);
});
