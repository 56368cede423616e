import { execa } from 'execa';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { HOST_ARCH, nodeBase } from '../../build/base.ts';
import { bringLibatomic, neededLibraries } from '../../build/libatomic.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';

const LIBRARY = 'libatomic.so.1';

let base: Buffer;

beforeAll(async () => {
  await ensureExecutable();
  base = readFileSync((await nodeBase(HOST_ARCH)).file);
}, 120_000);

describe('bringLibatomic()', () => {
  it('frees the executable of libatomic, and of nothing else', () => {
    const needed = neededLibraries(base);

    expect(needed).toContain(LIBRARY);
    expect(neededLibraries(readFileSync(EXECUTABLE))).toEqual(needed.filter((name) => name !== LIBRARY));
  });

  it('refuses an executable that does not need it', () => {
    const binary = Buffer.from(base);
    bringLibatomic(binary, HOST_ARCH);

    expect(() => {
      bringLibatomic(binary, HOST_ARCH);
    }).toThrow('Cannot ');
  });

  it('keeps what threads allocate at once apart', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'flatnet-node-'));
    const file = join(directory, 'node');
    // Every function has an entry in a table that all threads share; free ones are taken by the atomic function.
    const script = `
      const { isMainThread, Worker } = require('node:worker_threads');
      const made = Array.from({ length: 200000 }, (_, index) => new Function('return ' + (index % 50)));
      if (made.some((made, index) => made() !== index % 50)) process.exit(1);
      if (isMainThread) for (let n = 0; n < 3; n += 1) new Worker(__filename);`;
    try {
      const binary = Buffer.from(base);
      bringLibatomic(binary, HOST_ARCH);
      writeFileSync(file, binary, { mode: 0o755 });
      writeFileSync(join(directory, 'script.cjs'), script);
      expect(await execa(file, [join(directory, 'script.cjs')], { reject: false })).toMatchObject({
        exitCode: 0,
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
  }, 60_000);
});
