import { describe, expect, it } from 'vitest';
import { applyPatches, type Plan } from '../../build/patch.ts';
import { planHashes, planLocks } from '../../build/start-up.ts';
import { tinyElf, TINY_DATA_AT } from './tiny-elf.ts';

const VERSION = '14.6.1-node.1';
const DETECTION = '_ZN4absl12_GLOBAL__N_124synch_deadlock_detectionE.0';
const MAGIC = 0xc0de05a9;

function words(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) buffer.writeUInt32LE(value, index * 4);
  return buffer;
}

function versionText(version: string): Buffer {
  const text = Buffer.alloc(64);
  text.write(version);
  return text;
}

/** The beginning of a snapshot: contexts, whether it may be hashed anew, two checksums, version, offsets, its first part. */
function snapshot(contexts: number, mayRehash: number, version = VERSION): Buffer {
  const offsets = Array.from({ length: contexts + 2 }, (_, index) => 1000 * (index + 1));
  const padding = offsets.length % 2 === 0 ? [] : [0];
  return Buffer.concat([
    words(contexts, mayRehash, 0xabababab, 0xabababab),
    versionText(version),
    words(...offsets, ...padding, MAGIC),
    Buffer.from('data'),
  ]);
}

/** A text of the version that is not in a snapshot. */
const USAGE = Buffer.from(`usage\0${VERSION}\0 more of it`);

function patched(binary: Buffer, plan: (binary: Buffer) => Plan): Buffer {
  const copy = Buffer.from(binary);
  applyPatches(copy, [{ name: 'patch', plan }]);
  return copy;
}

const keepHashes = (binary: Buffer): Plan => planHashes(binary, VERSION);

describe('planHashes()', () => {
  it('changes the word that says a snapshot may be hashed anew, in every snapshot, and nothing else', () => {
    const binary = Buffer.concat([USAGE, snapshot(1, 1), snapshot(4, 1), snapshot(4, 0)]);
    expect(patched(binary, keepHashes)).toEqual(
      Buffer.concat([USAGE, snapshot(1, 0), snapshot(4, 0), snapshot(4, 0)]),
    );
  });

  it('skips a binary without a snapshot of that V8', () => {
    const binary = Buffer.concat([USAGE, snapshot(4, 1, '14.6.2-node.1')]);
    expect(keepHashes(binary)).toEqual({ skipped: `no snapshot of V8 ${VERSION} in the binary` });
  });

  const text = versionText(VERSION);
  const offsets = words(1000, 2000, 3000, 0, MAGIC);
  it.each([
    ['something else at the place of the word', snapshot(4, 7)],
    ['a word more before the version', Buffer.concat([words(1, 1, 9, 9, 9), text, offsets])],
    ['a word less before the version', Buffer.concat([words(0, 1, 1, 9), text, offsets])],
    ['the two words the other way round', Buffer.concat([words(1, 4, 9, 9), text, offsets])],
    ['a word more behind the version', Buffer.concat([words(1, 1, 9, 9), text, words(9), offsets])],
    ['offsets that do not grow', Buffer.concat([words(1, 1, 9, 9), text, words(3, 2, 1, 0, MAGIC)])],
    ['other data behind the offsets', Buffer.concat([words(1, 1, 9, 9), text, words(1, 2, 3, 0, 7)])],
  ])('skips a binary in which one header has %s', (_difference, moved) => {
    const binary = Buffer.concat([snapshot(1, 1), moved, Buffer.alloc(64)]);
    expect(keepHashes(binary)).toEqual({ skipped: expect.stringContaining('a header of another form') });
    expect(patched(binary, keepHashes)).toEqual(binary);
  });
});

describe('planLocks()', () => {
  const binary = (mode: number, symbol = DETECTION): Buffer =>
    tinyElf({ data: words(7, mode, 7), symbol, at: 4 });

  it('switches the check of locks off, and changes nothing else', () => {
    expect(patched(binary(2), planLocks)).toEqual(binary(0));
    expect(planLocks(binary(2))).toMatchObject({ edits: [{ at: TINY_DATA_AT + 4 }] });
  });

  it.each([0, 1, 3])(
    'skips a binary whose locks are in mode %i, because the change is then out of date',
    (mode) => {
      expect(planLocks(binary(mode))).toEqual({ skipped: `the mode of lock checks is ${mode}, not 2` });
    },
  );

  it('skips a binary without that variable, naming it', () => {
    expect(planLocks(binary(2, 'another'))).toEqual({ skipped: `no symbol ${DETECTION} in the binary` });
  });
});
