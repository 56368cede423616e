import { describe, expect, it } from 'vitest';
import { placeOfSymbol, strip } from '../../build/elf.ts';
import { tinyElf, TINY_DATA_AT } from './tiny-elf.ts';

const DATA = Buffer.from('some data that is loaded');

describe('placeOfSymbol()', () => {
  it('finds where in the file the content of a variable is', () => {
    expect(placeOfSymbol(tinyElf({ data: DATA, symbol: 'lock', at: 5 }), 'lock')).toBe(TINY_DATA_AT + 5);
  });

  it('finds nothing by another name, or by a part of the name', () => {
    const binary = tinyElf({ data: DATA, symbol: 'lock' });
    expect([placeOfSymbol(binary, 'key'), placeOfSymbol(binary, 'loc')]).toEqual([undefined, undefined]);
  });

  it('finds nothing at an address that is not loaded', () => {
    expect(placeOfSymbol(tinyElf({ data: DATA, symbol: 'lock', at: 4096 }), 'lock')).toBeUndefined();
  });

  it('finds nothing in a stripped binary', () => {
    expect(placeOfSymbol(strip(tinyElf({ data: DATA, symbol: 'lock' }))!, 'lock')).toBeUndefined();
  });
});

describe('strip()', () => {
  const binary = tinyElf({ data: DATA });
  const stripped = strip(binary)!;

  it('keeps what is loaded and leaves out symbols and debugging information', () => {
    expect(stripped.length).toBeLessThan(binary.length);
    expect(stripped.subarray(TINY_DATA_AT, TINY_DATA_AT + DATA.length)).toEqual(DATA);
    expect([stripped.includes('lines'), stripped.includes('variable')]).toEqual([false, false]);
  });

  it('leaves a binary whose sections have their names', () => {
    const [headers, count, names] = [
      Number(stripped.readBigUInt64LE(0x28)),
      stripped.readUInt16LE(0x3c),
      stripped.readUInt16LE(0x3e),
    ];
    expect(headers + count * 64).toBe(stripped.length);
    const namesAt = Number(stripped.readBigUInt64LE(headers + names * 64 + 24));
    const found = Array.from({ length: count }, (_, index) => {
      const at = namesAt + stripped.readUInt32LE(headers + index * 64);
      return stripped.toString('latin1', at, stripped.indexOf(0, at));
    });
    expect(found).toEqual(['', '.data', '.shstrtab']);
  });

  it('leaves a binary alone that has nothing to leave out, or symbols amid what is loaded', () => {
    const mixed = Buffer.from(binary);
    // .debug, the second section, is said to be where the data is.
    mixed.writeBigUInt64LE(BigInt(TINY_DATA_AT), Number(mixed.readBigUInt64LE(0x28)) + 2 * 64 + 24);
    expect(strip(mixed)).toBeUndefined();
    const bare = Buffer.from(binary);
    bare.writeUInt16LE(0, 0x3c);
    expect(strip(bare)).toBeUndefined();
  });
});
