import { execa } from 'execa';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOST_ARCH, nodeBase } from '../../build/base.ts';
import { keepHashes, trustLocks } from '../../build/start-up.ts';

const VERSION = '14.6.1-node.1';

/** The beginning of a snapshot: contexts, whether it may be hashed anew, two checksums, version, offsets. */
function header(contexts: number, mayRehash: number, version = VERSION): Buffer {
  const words = Buffer.alloc(16);
  words.writeUInt32LE(contexts, 0);
  words.writeUInt32LE(mayRehash, 4);
  words.fill(0xab, 8);
  const text = Buffer.alloc(64);
  text.write(version);
  return Buffer.concat([words, text, Buffer.from('data')]);
}

/** A text of the version that is not in a snapshot. */
const USAGE = Buffer.from(`usage\0${VERSION}\0 more of it`);

let directory: string;
let file: string;
let base: Buffer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'flatnet-start-'));
  file = (await nodeBase(HOST_ARCH)).file;
  base = readFileSync(file);
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** Writes a copy of Node that was changed. */
function changed(name: string, change: (binary: Buffer) => void): string {
  const copy = join(directory, name);
  const binary = Buffer.from(base);
  change(binary);
  writeFileSync(copy, binary, { mode: 0o755 });
  return copy;
}

/** The least that a Node says of itself in five starts: the machine may delay some of them. */
async function least(node: string, args: readonly string[], pattern: RegExp): Promise<number> {
  const found: number[] = [];
  for (let start = 0; start < 5; start++) {
    const { stdout } = await execa(node, args);
    found.push(Number(pattern.exec(stdout)?.[1]));
  }
  return Math.min(...found);
}

describe('keepHashes()', () => {
  it('changes the word that says a snapshot may be hashed anew, in every snapshot, and nothing else', () => {
    const binary = Buffer.concat([USAGE, header(1, 1), header(4, 1), header(4, 0)]);
    keepHashes(binary, VERSION);
    expect(binary).toEqual(Buffer.concat([USAGE, header(1, 0), header(4, 0), header(4, 0)]));
  });

  it('refuses a binary without a snapshot of that V8', () => {
    expect(() => {
      keepHashes(Buffer.concat([USAGE, header(4, 1, '14.6.2-node.1')]), VERSION);
    }).toThrow(`Cannot find a snapshot of V8 ${VERSION}`);
  });

  it('refuses a header in which something else stands at that place', () => {
    expect(() => {
      keepHashes(header(4, 7), VERSION);
    }).toThrow('7 is no yes or no');
  });

  it('lets V8 read the read-only part of a snapshot in less than half the time', async () => {
    const args = ['--profile-deserialization', '--eval', '0'];
    const pattern = /^\[Deserializing read-only space .* took (\S+) ms\]$/m;
    const kept = await least(changed('hashes', keepHashes), args, pattern);
    expect(kept / (await least(file, args, pattern))).toBeLessThan(0.5);
  });

  it('leaves a Node whose names are found, those of its modules and those that come later', async () => {
    const script = `
      const made = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => ['name' + index, index]));
      const { readFileSync } = require('node:fs');
      const hasAll = new Set(Object.keys(made)).size === 5000 && made['na' + 'me4999'] === 4999;
      console.log(hasAll, typeof readFileSync, JSON.parse('{"readFileSync":1}').readFileSync);`;
    const { stdout } = await execa(changed('names', keepHashes), ['--eval', script]);
    expect(stdout).toBe('true function 1');
  });
});

describe('trustLocks()', () => {
  it('changes one byte', () => {
    const binary = Buffer.from(base);
    trustLocks(binary);
    const differences = binary.reduce((count, byte, at) => count + (byte === base[at] ? 0 : 1), 0);
    expect(differences).toBe(1);
  });

  it('refuses a binary whose locks are not checked, because the change is then out of date', () => {
    const binary = Buffer.from(base);
    trustLocks(binary);
    expect(() => {
      trustLocks(binary);
    }).toThrow('Cannot find the mode of lock checks: 0');
  });

  it('refuses a binary without that variable, naming it', () => {
    const binary = Buffer.from(base);
    const name = binary.lastIndexOf('24synch_deadlock_detectionE.0');
    binary.write('25', name);
    expect(() => {
      trustLocks(binary);
    }).toThrow('24synch_deadlock_detectionE.0 among the symbols');
  });

  it('spares a start the memory of the graph', async () => {
    const args = ['--print', 'process.resourceUsage().minorPageFault'];
    const trusting = await least(changed('locks', trustLocks), args, /(\d+)/);
    expect((await least(file, args, /(\d+)/)) - trusting).toBeGreaterThan(250);
  });
});
