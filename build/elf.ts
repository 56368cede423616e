/*
 * As much of 64-bit little-endian ELF as it takes to find a variable by its name (System V ABI, "Program Header" and
 * "Symbol Table"). Places are offsets in the file unless called addresses.
 */

/** `p_type` of a segment that is loaded. */
const PT_LOAD = 1;

/** `sh_type` of the section that lists all symbols. */
const SHT_SYMTAB = 2;
/** Bytes of an entry of a symbol table; `st_value`, its address, stands in it at 8. */
const SYMBOL_SIZE = 24;

/** A part of the file that is loaded. */
interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/** Reads an unsigned 64-bit number; those of an executable fit a double. */
function readWord(binary: Buffer, at: number): number {
  return Number(binary.readBigUInt64LE(at));
}

/** The program headers. */
function readSegments(binary: Buffer): readonly Segment[] {
  const [start, size, count] = [readWord(binary, 0x20), binary.readUInt16LE(0x36), binary.readUInt16LE(0x38)];
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    return {
      type: binary.readUInt32LE(at),
      offset: readWord(binary, at + 8),
      address: readWord(binary, at + 16),
      size: readWord(binary, at + 32),
    };
  });
}

/** Where in the file the byte of an address is. */
function placeOf(segments: readonly Segment[], address: number): number {
  const segment = segments.find(
    (candidate) =>
      candidate.type === PT_LOAD &&
      address >= candidate.address &&
      address < candidate.address + candidate.size,
  );
  if (segment === undefined)
    throw new Error(`Cannot find address 0x${address.toString(16)} in the executable`);
  return address - segment.address + segment.offset;
}

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  /** Of a symbol table: the section that has the names. */
  readonly link: number;
}

function readSections(binary: Buffer): readonly Section[] {
  const [start, size, count] = [readWord(binary, 0x28), binary.readUInt16LE(0x3a), binary.readUInt16LE(0x3c)];
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    return {
      type: binary.readUInt32LE(at + 4),
      offset: readWord(binary, at + 24),
      size: readWord(binary, at + 32),
      link: binary.readUInt32LE(at + 40),
    };
  });
}

/** Where in the file the content of a variable or function is that no other module may see. */
export function placeOfSymbol(binary: Buffer, name: string): number {
  const sections = readSections(binary);
  const table = sections.find(({ type }) => type === SHT_SYMTAB);
  const names = table === undefined ? undefined : sections[table.link];
  if (table === undefined || names === undefined)
    throw new Error('Cannot find the symbols of the executable');
  const nameAt = binary.subarray(names.offset, names.offset + names.size).indexOf(`\0${name}\0`) + 1;
  for (let at = table.offset; nameAt > 0 && at < table.offset + table.size; at += SYMBOL_SIZE) {
    if (binary.readUInt32LE(at) === nameAt) return placeOf(readSegments(binary), readWord(binary, at + 8));
  }
  throw new Error(`Cannot find ${name} among the symbols of the executable`);
}
