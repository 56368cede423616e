import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSince, sizeOf } from '../../../src/sys/files/tail.ts';

let path: string;
let root: string;
beforeEach(() => {
  root = mkdtempSync(`${tmpdir()}/tail-`);
  path = `${root}/log`;
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

it('readSince() has what came after a size', () => {
  expect([sizeOf(path), readSince(path, 0)]).toEqual([0, '']);
  writeFileSync(path, 'before\n');
  const size = sizeOf(path);
  expect(readSince(path, size)).toBe('');
  appendFileSync(path, 'after\n');
  expect(readSince(path, size)).toBe('after\n');
});

it('readSince() reads a file from its start that was rotated meanwhile', () => {
  writeFileSync(path, 'a long text of before\n');
  const size = sizeOf(path);
  writeFileSync(path, 'new\n');
  expect(readSince(path, size)).toBe('new\n');
});

it('readSince() reads no more than the end of what is long', () => {
  writeFileSync(path, `${'x'.repeat(200_000)}end`);
  const text = readSince(path, 0);
  expect(text.length).toBe(65_536);
  expect(text.endsWith('end')).toBe(true);
});
