import { mkdtempSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generationsIn } from '../../../src/gateway/nginx/generations.ts';

let state: string;
beforeEach(() => {
  state = mkdtempSync(`${tmpdir()}/generations-`);
});
afterEach(() => {
  rmSync(state, { recursive: true });
});

const files = (site: string) =>
  new Map([
    ['flatnet.conf', site],
    ['routes/web.conf', 'the same\n'],
  ]);

describe('generationsIn()', () => {
  it('begins with nothing', () => {
    const generations = generationsIn(state);
    expect([generations.current(), generations.next()]).toEqual([undefined, 1]);
  });

  it('switches by a link that leads to the whole configuration', async () => {
    const generations = generationsIn(state);
    await generations.write(1, files('one\n'));
    generations.switchTo(1);
    await generations.write(2, files('two\n'));
    expect([generations.current(), generations.next()]).toEqual([1, 3]);
    generations.switchTo(2);
    expect(readlinkSync(`${state}/current`)).toBe('generations/2');
    expect(generations.read(2, 'flatnet.conf')).toBe('two\n');
    expect(generations.read(1, 'flatnet.conf')).toBe('one\n');
  });

  it('writes a text once that two generations share', async () => {
    const generations = generationsIn(state);
    await generations.write(1, files('one\n'));
    generations.switchTo(1);
    await generations.write(2, files('two\n'));
    const inode = (generation: number) =>
      statSync(`${generations.directoryOf(generation)}/routes/web.conf`).ino;
    expect(inode(2)).toBe(inode(1));
  });

  it('keeps the last three and those in use', async () => {
    const generations = generationsIn(state);
    for (let count = 1; count <= 6; count += 1) await generations.write(count, files(`${count}\n`));
    generations.prune([1, undefined]);
    const left = [1, 2, 3, 4, 5, 6].filter((count) => generations.read(count, 'flatnet.conf') !== undefined);
    expect(left).toEqual([1, 4, 5, 6]);
  });

  it('leaves nothing of a generation that could not be written', async () => {
    const generations = generationsIn(state);
    const clash = new Map([
      ['routes', 'a file\n'],
      ['routes/web.conf', 'below it\n'],
    ]);
    await expect(generations.write(1, clash)).rejects.toThrow();
    expect(generations.next()).toBe(1);
  });
});
