import type { Arch } from './base.ts';
import {
  type DynamicEntry,
  entryOf,
  PF_X,
  placeOf,
  PT_LOAD,
  readDynamic,
  readSegments,
  readText,
  type Segment,
  SYMBOL_SIZE,
  TAG,
  writeWord,
} from './elf.ts';

/*
 * Node 26 is linked to libatomic for one function, which V8 calls with eight aligned bytes. A minimal Debian or Ubuntu
 * lacks that library (libatomic1), and the executable is to run there; so it brings the function along.
 */
const LIBRARY = 'libatomic.so.1';
const FUNCTION = '__atomic_compare_exchange';

/**
 * `bool __atomic_compare_exchange(size_t size, void *at, void *expected, void *desired, int, int)` for a size of 8,
 * sequentially consistent; any other size is an illegal instruction rather than a wrong result.
 */
const CODE: Readonly<Record<Arch, string>> = {
  x64: [
    '4883ff08', //     cmp  $8, %rdi
    '7514', //         jne  trap
    '488b02', //       mov  (%rdx), %rax
    '488b09', //       mov  (%rcx), %rcx
    'f0480fb10e', //   lock cmpxchg %rcx, (%rsi)
    '7403', //         je   done
    '488902', //       mov  %rax, (%rdx)
    '0f94c0', // done: sete %al
    'c3', //           ret
    '0f0b', // trap:   ud2
  ].join(''),
  arm64: [
    '1f2000f1', //       cmp   x0, #8
    'c1010054', //       b.ne  trap
    '480040f9', //       ldr   x8, [x2]
    '690040f9', //       ldr   x9, [x3]
    '2afc5fc8', // loop: ldaxr x10, [x1]
    '5f0108eb', //       cmp   x10, x8
    'a1000054', //       b.ne  fail
    '29fc0bc8', //       stlxr w11, x9, [x1]
    '8bffff35', //       cbnz  w11, loop
    '20008052', //       mov   w0, #1
    'c0035fd6', //       ret
    '5f3f03d5', // fail: clrex
    '4a0000f9', //       str   x10, [x2]
    '00008052', //       mov   w0, #0
    'c0035fd6', //       ret
    '200020d4', // trap: brk   #1
  ].join(''),
};

/** Relocation that stores an address known at build time: R_X86_64_RELATIVE, R_AARCH64_RELATIVE. */
const RELATIVE: Readonly<Record<Arch, number>> = { x64: 8, arm64: 1027 };
const RELOCATION_SIZE = 24;
const CODE_ALIGNMENT = 16;

/** What the steps of the change work on. */
interface Executable {
  readonly binary: Buffer;
  readonly segments: readonly Segment[];
  readonly dynamic: readonly DynamicEntry[];
}

function open(binary: Buffer): Executable {
  const segments = readSegments(binary);
  return { binary, segments, dynamic: readDynamic(binary, segments) };
}

function textOf({ binary, segments, dynamic }: Executable, offset: number): string {
  return readText(binary, placeOf(segments, entryOf(dynamic, TAG.strtab).value) + offset);
}

/** The libraries that the system's loader loads with an executable, once each. */
export function neededLibraries(binary: Buffer): readonly string[] {
  const executable = open(binary);
  const needed = executable.dynamic.filter(({ tag }) => tag === TAG.needed);
  return [...new Set(needed.map(({ value }) => textOf(executable, value)))];
}

/** Puts the function into the unused end of the last page of code. Returns its address. */
function addCode({ binary, segments }: Executable, code: Buffer): number {
  const segment = segments.find(({ type, flags }) => type === PT_LOAD && (flags & PF_X) !== 0);
  if (segment === undefined) throw new Error('Cannot find the code of the executable');
  const size = Math.ceil(segment.size / CODE_ALIGNMENT) * CODE_ALIGNMENT;
  const [start, end] = [segment.offset + size, segment.offset + size + code.length];
  const isTaken = segments.some(({ offset }) => offset > segment.offset && offset < end);
  if (isTaken || binary.subarray(segment.offset + segment.size, end).some((byte) => byte !== 0)) {
    throw new Error(`Cannot add ${FUNCTION} to the executable: no room after its code`);
  }
  code.copy(binary, start);
  writeWord(binary, segment.at + 32, size + code.length);
  writeWord(binary, segment.at + 40, size + code.length);
  return segment.address + size;
}

/** Makes the places that were to hold the library's function hold ours. */
function redirect({ binary, segments, dynamic }: Executable, address: number, type: number): void {
  const symbols = placeOf(segments, entryOf(dynamic, TAG.symtab).value);
  const strings = placeOf(segments, entryOf(dynamic, TAG.strtab).value);
  const start = placeOf(segments, entryOf(dynamic, TAG.jmprel).value);
  const end = start + entryOf(dynamic, TAG.pltRelSize).value;
  let found = 0;
  for (let at = start; at < end; at += RELOCATION_SIZE) {
    const symbol = symbols + binary.readUInt32LE(at + 12) * SYMBOL_SIZE;
    if (readText(binary, strings + binary.readUInt32LE(symbol)) !== FUNCTION) continue;
    writeWord(binary, at + 8, type);
    writeWord(binary, at + 16, address);
    found += 1;
  }
  if (found === 0) throw new Error(`Cannot find ${FUNCTION} among the functions that the executable imports`);
}

/** Lets the entry for the versions needed of the library repeat what the next entry needs of another. */
function forgetVersions(executable: Executable): void {
  const { binary, segments, dynamic } = executable;
  let at = placeOf(segments, entryOf(dynamic, TAG.verneed).value);
  while (textOf(executable, binary.readUInt32LE(at + 4)) !== LIBRARY) {
    const next = binary.readUInt32LE(at + 12);
    if (next === 0) throw new Error(`Cannot find the versions that the executable needs of ${LIBRARY}`);
    at += next;
  }
  const toNext = binary.readUInt32LE(at + 12);
  if (toNext === 0) throw new Error(`Cannot replace the versions of ${LIBRARY}: they come last`);
  const next = at + toNext;
  binary.writeUInt16LE(1, at + 2);
  binary.copy(binary, at + 4, next + 4, next + 8);
  binary.writeUInt32LE(toNext + binary.readUInt32LE(next + 8), at + 8);
}

/** Names another library twice, which the loader takes for once. */
function forgetLibrary(executable: Executable): void {
  const needed = executable.dynamic.filter(({ tag }) => tag === TAG.needed);
  const unwanted = needed.find(({ value }) => textOf(executable, value) === LIBRARY);
  const other = needed.find((entry) => entry !== unwanted);
  if (unwanted === undefined || other === undefined) {
    throw new Error(`Cannot find ${LIBRARY} among the libraries that the executable needs`);
  }
  writeWord(executable.binary, unwanted.at + 8, other.value);
}

/**
 * Frees an executable of libatomic: the one function it needs of it is put into it.
 *
 * @throws Error when it is linked otherwise than Node 26 is: then look whether this is still needed.
 */
export function bringLibatomic(binary: Buffer, arch: Arch): void {
  const executable = open(binary);
  redirect(executable, addCode(executable, Buffer.from(CODE[arch], 'hex')), RELATIVE[arch]);
  forgetVersions(executable);
  forgetLibrary(executable);
}
