import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { renderBar } from '../../../src/cli/text/bar.ts';
import { cut, pad, renderTable, wrap } from '../../../src/cli/text/table.ts';

const title = (text: string): string => text;

test('renderTable() aligns columns although names are wide', () => {
  const lines = renderTable(
    [
      ['web', '1'],
      ['データ', '22'],
    ],
    { columns: [{ title: 'NAME' }, { title: 'USED', align: 'right' }], width: 80, title },
  );
  expect(lines).toEqual(['NAME    USED', 'web        1', 'データ    22']);
  expect(new Set(lines.map((line) => stringWidth(line)))).toEqual(new Set([12]));
});

test('renderTable() cuts what may be cut, down to the width of the screen', () => {
  const lines = renderTable([['10.87.1.2', 'a-very-long-name-of-a-container']], {
    columns: [{ title: 'ADDRESS' }, { title: 'CONTAINER', min: 10 }],
    width: 24,
    title,
  });
  expect(lines[1]).toBe('10.87.1.2  a-very-long-…');
});

test('renderTable() leaves whole what may not be cut', () => {
  const lines = renderTable([['10.87.1.2']], { columns: [{ title: 'ADDRESS' }], width: 4, title });
  expect(lines[1]).toBe('10.87.1.2');
});

test('cut() and pad() count columns of the screen, not characters', () => {
  expect(stringWidth(cut('データベース', 7))).toBeLessThanOrEqual(7);
  expect(stringWidth(pad('デ', 4))).toBe(4);
});

test('wrap() breaks at blanks and keeps long words whole', () => {
  expect(wrap('one two three /a/very/long/path x', 9)).toEqual([
    'one two',
    'three',
    '/a/very/long/path',
    'x',
  ]);
});

test.each([
  [0, '··········'],
  [0.001, '▏·········'],
  [0.5, '█████·····'],
  [1, '██████████'],
  [1.7, '██████████'],
])('renderBar(%d) is ten columns wide', (share, bar) => {
  expect(renderBar(share, 10)).toBe(bar);
});
