import { describe, expect, it } from 'vitest';
import { applyPatches } from '../../build/patch.ts';

const edit = (at: number, text: string) => ({ at, bytes: Buffer.from(text) });

describe('applyPatches()', () => {
  it('writes what the patches plan, and tells what became of each', () => {
    const binary = Buffer.from('a lock, a hash');
    const outcomes = applyPatches(binary, [
      { name: 'lock', plan: () => ({ edits: [edit(2, 'LO'), edit(4, 'CK')] }) },
      { name: 'key', plan: () => ({ skipped: 'no key in the binary' }) },
    ]);
    expect(binary.toString()).toBe('a LOCK, a hash');
    expect(outcomes).toEqual([{ patch: 'lock' }, { patch: 'key', skipped: 'no key in the binary' }]);
  });

  it('skips a patch that reads beyond the end of the binary', () => {
    const binary = Buffer.alloc(4);
    const [outcome] = applyPatches(binary, [
      { name: 'word', plan: () => ({ edits: [edit(binary.readUInt32LE(2), 'x')] }) },
    ]);
    expect(outcome).toEqual({ patch: 'word', skipped: expect.stringContaining('out of range') });
  });
});
