/*
 * The part of 64-bit little-endian ELF needed to find a variable by name and to strip what only debuggers read (System
 * V ABI, "Sections", "Symbol Table" and "Program Header"). Positions are offsets in the file.
 */

/** `p_type` of a loaded segment. */
const PT_LOAD = 1;
/** `sh_type` of the symbol table, and of a section without content in the file. */
const SHT_SYMTAB = 2;
const SHT_NOBITS = 8;
/** `sh_flags`: the section is in memory while the program runs. */
const SHF_ALLOC = 2;
/** Bytes per entry of the symbol table; `st_value`, its address, is at offset 8. */
const SYMBOL_SIZE = 24;

/** Offsets in the file's header. */
const HEADER = {
  segments: 0x20,
  sections: 0x28,
  segmentSize: 0x36,
  segmentCount: 0x38,
  sectionSize: 0x3a,
  sectionCount: 0x3c,
  sectionNames: 0x3e,
} as const;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

interface Section {
  /** Offset of its header. */
  readonly at: number;
  readonly type: number;
  readonly isLoaded: boolean;
  readonly offset: number;
  readonly size: number;
  /** Of a symbol table: the section with the names. */
  readonly link: number;
}

/** Reads an unsigned 64-bit number; those of an executable fit a double. */
function readWord(binary: Buffer, at: number): number {
  return Number(binary.readBigUInt64LE(at));
}

function readSegments(binary: Buffer): readonly Segment[] {
  const [start, size] = [readWord(binary, HEADER.segments), binary.readUInt16LE(HEADER.segmentSize)];
  return Array.from({ length: binary.readUInt16LE(HEADER.segmentCount) }, (_, index) => {
    const at = start + index * size;
    return {
      type: binary.readUInt32LE(at),
      offset: readWord(binary, at + 8),
      address: readWord(binary, at + 16),
      size: readWord(binary, at + 32),
    };
  });
}

function readSections(binary: Buffer): readonly Section[] {
  const [start, size] = [readWord(binary, HEADER.sections), binary.readUInt16LE(HEADER.sectionSize)];
  return Array.from({ length: binary.readUInt16LE(HEADER.sectionCount) }, (_, index) => {
    const at = start + index * size;
    return {
      at,
      type: binary.readUInt32LE(at + 4),
      isLoaded: (readWord(binary, at + 8) & SHF_ALLOC) !== 0,
      offset: readWord(binary, at + 24),
      size: readWord(binary, at + 32),
      link: binary.readUInt32LE(at + 40),
    };
  });
}

/**
 * Offset of the content of a variable; undefined if no symbol has that name. Finds variables local to a module, too.
 */
export function placeOfSymbol(binary: Buffer, name: string): number | undefined {
  const sections = readSections(binary);
  const table = sections.find(({ type }) => type === SHT_SYMTAB);
  const names = table === undefined ? undefined : sections[table.link];
  if (table === undefined || names === undefined) return undefined;
  const nameAt = binary.subarray(names.offset, names.offset + names.size).indexOf(`\0${name}\0`) + 1;
  for (let at = table.offset; nameAt > 0 && at < table.offset + table.size; at += SYMBOL_SIZE) {
    if (binary.readUInt32LE(at) === nameAt) return placeOfAddress(binary, readWord(binary, at + 8));
  }
  return undefined;
}

function placeOfAddress(binary: Buffer, address: number): number | undefined {
  const segment = readSegments(binary).find(
    (candidate) =>
      candidate.type === PT_LOAD &&
      address >= candidate.address &&
      address < candidate.address + candidate.size,
  );
  return segment === undefined ? undefined : address - segment.address + segment.offset;
}

/** Section names follow the loaded part, section headers follow the names. */
function withSections(binary: Buffer, loaded: Buffer, kept: readonly Section[]): Buffer {
  const size = binary.readUInt16LE(HEADER.sectionSize);
  const names = kept.at(-1)!;
  const padding = Buffer.alloc((8 - ((loaded.length + names.size) % 8)) % 8);
  const stripped = Buffer.concat([
    loaded,
    binary.subarray(names.offset, names.offset + names.size),
    padding,
    ...kept.map(({ at }) => binary.subarray(at, at + size)),
  ]);
  const headers = stripped.length - kept.length * size;
  stripped.writeBigUInt64LE(BigInt(headers), HEADER.sections);
  stripped.writeUInt16LE(kept.length, HEADER.sectionCount);
  stripped.writeUInt16LE(kept.length - 1, HEADER.sectionNames);
  stripped.writeBigUInt64LE(BigInt(loaded.length), headers + (kept.length - 1) * size + 24);
  return stripped;
}

/**
 * A copy of an executable without its symbols and debugging information; undefined if a loaded section follows them.
 */
export function strip(binary: Buffer): Buffer | undefined {
  const sections = readSections(binary);
  const names = sections[binary.readUInt16LE(HEADER.sectionNames)];
  const [first, ...rest] = sections;
  const end = rest.findIndex(({ isLoaded }) => !isLoaded);
  if (first === undefined || names === undefined || end === -1) return undefined;
  const loaded = rest.slice(0, end);
  const inFile = loaded.filter(({ type }) => type !== SHT_NOBITS);
  const cut = Math.max(...[...inFile, ...readSegments(binary)].map(({ offset, size }) => offset + size));
  const others = rest.slice(end);
  if (others.some(({ isLoaded, offset }) => isLoaded || offset < cut)) return undefined;
  return withSections(binary, binary.subarray(0, cut), [first, ...loaded, names]);
}
