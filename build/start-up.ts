import { placeOfSymbol } from './elf.ts';
import type { Edit, Patch, Plan } from './patch.ts';

/*
 * Work of every Node start that flatnet does not need and Node has no working option against. Both are data of the
 * binary, a word for each snapshot and one for the locks; together they take 7 of 24 ms (bench/RESULTS.md).
 */

/**
 * The header of a V8 start-up snapshot (`src/snapshot/snapshot.cc`), relative to its version: the number of contexts,
 * the rehashability word, two checksums, the version, then the offsets of the read-only part, of the shared part and of
 * each context. The start-up part follows, and begins with a magic number.
 */
const HEADER = { contexts: -16, rehashability: -12, offsets: 64 } as const;
const VERSION_LENGTH = 64;
const WORD = 4;
/** Node's snapshot has four contexts, V8's own has one. */
const MOST_CONTEXTS = 16;
/** Parts with an offset besides the contexts. */
const OTHER_PARTS = 2;
/** The upper half of the magic number; the lower half counts V8's external references. */
const MAGIC = 0xc0de;

function placesOf(binary: Buffer, text: Buffer): readonly number[] {
  const places: number[] = [];
  for (let at = binary.indexOf(text); at !== -1; at = binary.indexOf(text, at + 1)) places.push(at);
  return places;
}

/**
 * Whether a snapshot's version is at this offset: as many offsets follow as it has contexts, and they lead to a
 * snapshot.
 */
function isHeader(binary: Buffer, at: number): boolean {
  const contexts = binary.readUInt32LE(at + HEADER.contexts);
  if (contexts < 1 || contexts > MOST_CONTEXTS || binary.readUInt32LE(at + HEADER.rehashability) > 1) {
    return false;
  }
  const count = contexts + OTHER_PARTS;
  const offsets = Array.from({ length: count }, (_, index) =>
    binary.readUInt32LE(at + HEADER.offsets + index * WORD),
  );
  const start = at + HEADER.offsets + (count + (count % 2)) * WORD;
  return (
    offsets.every((offset, index) => index === 0 || offset > offsets[index - 1]!) &&
    binary.readUInt16LE(start + 2) === MAGIC
  );
}

/**
 * Marks the snapshots as not rehashable, so that every start reuses the hashes stored in them. Otherwise each start
 * seeks new secrets for its hash function, which are prime numbers, and rehashes all names, so that a stranger who
 * sends keys to a web server cannot know which of them collide. A call of flatnet has no such sender: its input comes
 * from root and is short (SECURITY.md).
 * `--no-rehash-snapshot` does the same, but a code cache is valid only for the value it was made under: V8 would reject
 * those of Node's own modules.
 * @param version of V8, as in `process.versions.v8`.
 */
export function planHashes(binary: Buffer, version = process.versions.v8): Plan {
  const text = Buffer.alloc(VERSION_LENGTH);
  text.write(version, 'latin1');
  const versions = placesOf(binary, text);
  if (versions.length === 0) return { skipped: `no snapshot of V8 ${version} in the binary` };
  // A field that moved in one snapshot moved in all: if one header is different, none is known.
  if (!versions.every((at) => isHeader(binary, at))) {
    return { skipped: `a snapshot of V8 ${version} has a header of another form` };
  }
  return {
    edits: versions.map((at): Edit => ({ at: at + HEADER.rehashability, bytes: Buffer.alloc(WORD) })),
  };
}

/** `absl::synch_deadlock_detection`; the compiler adds the suffix for a structure of one member. */
const DETECTION = '_ZN4absl12_GLOBAL__N_124synch_deadlock_detectionE.0';
/** `absl::OnDeadlockCycle` (absl/synchronization/mutex.h). */
const ON_CYCLE = { ignore: 0, report: 1, abort: 2 } as const;

/**
 * Disables deadlock detection. The Abseil library in Node's binaries is compiled as for debugging: it keeps a graph of
 * all locks, a megabyte that each start fills with zeros, to abort if two threads might wait for each other.
 * `absl::SetMutexDeadlockDetectionMode(kIgnore)` would do the same, but nothing calls it.
 */
export function planLocks(binary: Buffer): Plan {
  const at = placeOfSymbol(binary, DETECTION);
  if (at === undefined) return { skipped: `no symbol ${DETECTION} in the binary` };
  const mode = binary.readUInt32LE(at);
  if (mode !== ON_CYCLE.abort)
    return { skipped: `the mode of lock checks is ${mode}, not ${ON_CYCLE.abort}` };
  const bytes = Buffer.alloc(WORD);
  bytes.writeUInt32LE(ON_CYCLE.ignore);
  return { edits: [{ at, bytes }] };
}

export const START_UP_PATCHES: readonly Patch[] = [
  { name: 'keep the hashes of the snapshot', plan: (binary) => planHashes(binary) },
  { name: 'take locks without checking their order', plan: planLocks },
];
