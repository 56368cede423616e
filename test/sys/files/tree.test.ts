import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pointLink, writeTree } from '../../../src/sys/files/tree.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(`${tmpdir()}/tree-`);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

it('writeTree() writes few files and many, with their directories', async () => {
  for (const count of [1, 40]) {
    const files = new Map(Array.from({ length: count }, (_, index) => [`a/b${index}/c`, `${index}\n`]));
    const directory = `${root}/${count}`;
    await writeTree({ directory, files, former: undefined });
    for (const [path, text] of files) expect(readFileSync(`${directory}/${path}`, 'utf8')).toBe(text);
  }
});

it('writeTree() links what did not change, and leaves the former file as it was', async () => {
  await writeTree({
    directory: `${root}/1`,
    files: new Map([
      ['same', 'x'],
      ['other', '1'],
    ]),
    former: undefined,
  });
  await writeTree({
    directory: `${root}/2`,
    files: new Map([
      ['same', 'x'],
      ['other', '2'],
    ]),
    former: `${root}/1`,
  });
  expect(statSync(`${root}/2/same`).ino).toBe(statSync(`${root}/1/same`).ino);
  expect(readFileSync(`${root}/1/other`, 'utf8')).toBe('1');
});

it('pointLink() replaces a link, and what a crash left of an earlier try', () => {
  pointLink(`${root}/current`, 'one');
  pointLink(`${root}/current.new`, 'left over');
  pointLink(`${root}/current`, 'two');
  expect(readlinkSync(`${root}/current`)).toBe('two');
  expect(readdirSync(root)).toEqual(['current']);
});
