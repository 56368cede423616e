/*
 * The least of an executable: a segment of data, a variable in it, and what only debuggers read. Its sections are, in
 * this order, .data, .debug, .symtab, .strtab and .shstrtab.
 */

const HEADER_SIZE = 64;
const SEGMENT_SIZE = 56;
const SECTION_SIZE = 64;
const SYMBOL_SIZE = 24;
/** Where the data is in memory: not where it is in the file. */
const ADDRESS = 0x400000;
const DATA_AT = HEADER_SIZE + SEGMENT_SIZE;
const NAMES = '\0.data\0.debug\0.symtab\0.strtab\0.shstrtab\0';

/** What the executable is to have. */
export interface TinyElf {
  readonly data: Buffer;
  /** The variable, and where in the data it is. */
  readonly symbol?: string;
  readonly at?: number;
}

/** Where in the file the data begins. */
export const TINY_DATA_AT = DATA_AT;

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags?: number;
  readonly content: Buffer;
  readonly link?: number;
}

function symbols(at: number): Buffer {
  const table = Buffer.alloc(2 * SYMBOL_SIZE);
  table.writeUInt32LE(1, SYMBOL_SIZE);
  table.writeBigUInt64LE(BigInt(ADDRESS + at), SYMBOL_SIZE + 8);
  return table;
}

function sectionHeader(section: Section, offset: number): Buffer {
  const header = Buffer.alloc(SECTION_SIZE);
  header.writeUInt32LE(NAMES.indexOf(section.name), 0);
  header.writeUInt32LE(section.type, 4);
  header.writeBigUInt64LE(BigInt(section.flags ?? 0), 8);
  header.writeBigUInt64LE(BigInt(offset), 24);
  header.writeBigUInt64LE(BigInt(section.content.length), 32);
  header.writeUInt32LE(section.link ?? 0, 40);
  return header;
}

function fileHeader(sectionsAt: number, count: number): Buffer {
  const header = Buffer.alloc(HEADER_SIZE);
  header.write('\x7fELF', 'latin1');
  header.writeBigUInt64LE(BigInt(HEADER_SIZE), 0x20);
  header.writeBigUInt64LE(BigInt(sectionsAt), 0x28);
  header.writeUInt16LE(SEGMENT_SIZE, 0x36);
  header.writeUInt16LE(1, 0x38);
  header.writeUInt16LE(SECTION_SIZE, 0x3a);
  header.writeUInt16LE(count, 0x3c);
  header.writeUInt16LE(count - 1, 0x3e);
  return header;
}

function segment(size: number): Buffer {
  const header = Buffer.alloc(SEGMENT_SIZE);
  header.writeUInt32LE(1, 0);
  header.writeBigUInt64LE(BigInt(DATA_AT), 8);
  header.writeBigUInt64LE(BigInt(ADDRESS), 16);
  header.writeBigUInt64LE(BigInt(size), 32);
  return header;
}

/** Makes one. */
export function tinyElf({ data, symbol = 'variable', at = 0 }: TinyElf): Buffer {
  const sections: readonly Section[] = [
    { name: '.data', type: 1, flags: 2, content: data },
    { name: '.debug', type: 1, content: Buffer.from('lines') },
    { name: '.symtab', type: 2, content: symbols(at), link: 4 },
    { name: '.strtab', type: 3, content: Buffer.from(`\0${symbol}\0`) },
    { name: '.shstrtab', type: 3, content: Buffer.from(NAMES) },
  ];
  const headers: Buffer[] = [Buffer.alloc(SECTION_SIZE)];
  let offset = DATA_AT;
  for (const section of sections) {
    headers.push(sectionHeader(section, offset));
    offset += section.content.length;
  }
  return Buffer.concat([
    fileHeader(offset, headers.length),
    segment(data.length),
    ...sections.map(({ content }) => content),
    ...headers,
  ]);
}
