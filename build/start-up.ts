import { placeOfSymbol } from './elf.ts';

/*
 * What Node does at every start though flatnet has no use for it, and Node has no working option against it. Both are
 * data of the binary, a word for each snapshot and one for the locks; together they take 7 of 24 ms (bench/RESULTS.md).
 */

/** Header of a V8 start-up snapshot: the words before the version, which takes 64 bytes (`src/snapshot/snapshot.cc`). */
const BEFORE_VERSION = { contexts: 16, rehashability: 12 } as const;
const VERSION_LENGTH = 64;
/** Node's snapshot has four contexts, V8's own has one. */
const MOST_CONTEXTS = 16;

function headerVersions(binary: Buffer, version: string): readonly number[] {
  const text = Buffer.alloc(VERSION_LENGTH);
  text.write(version, 'latin1');
  const found: number[] = [];
  for (let at = binary.indexOf(text); at !== -1; at = binary.indexOf(text, at + 1)) {
    if (at < BEFORE_VERSION.contexts) continue;
    const contexts = binary.readUInt32LE(at - BEFORE_VERSION.contexts);
    if (contexts >= 1 && contexts <= MOST_CONTEXTS) found.push(at);
  }
  return found;
}

/**
 * Lets every start take the hashes of names that are in the start-up snapshot, as V8 does with a snapshot that says it
 * cannot be hashed anew. Otherwise each start seeks new secrets for its hash function, which are prime numbers, and
 * hashes all names again, so that nobody who sends a web server keys can know which of them collide. A call of flatnet
 * has no such sender: what it reads comes from root, and is short (SECURITY.md).
 *
 * `--no-rehash-snapshot` does the same, but belongs to the options that a code cache is valid under: V8 would refuse
 * those of Node's own modules.
 *
 * @param version of V8, as in `process.versions.v8`.
 * @throws Error when there is no such snapshot in the binary.
 */
export function keepHashes(binary: Buffer, version = process.versions.v8): void {
  const versions = headerVersions(binary, version);
  for (const at of versions) {
    const value = binary.readUInt32LE(at - BEFORE_VERSION.rehashability);
    if (value > 1) throw new Error(`Cannot read the header of a snapshot: ${value} is no yes or no`);
    binary.writeUInt32LE(0, at - BEFORE_VERSION.rehashability);
  }
  if (versions.length === 0) throw new Error(`Cannot find a snapshot of V8 ${version} in the executable`);
}

/** `absl::synch_deadlock_detection`; the suffix is the compiler's, for a structure of one member. */
const DETECTION = '_ZN4absl12_GLOBAL__N_124synch_deadlock_detectionE.0';
/** `absl::OnDeadlockCycle` (absl/synchronization/mutex.h). */
const ON_CYCLE = { ignore: 0, report: 1, abort: 2 } as const;

/**
 * Lets locks be taken without a look at the order in which they were taken before. The Abseil library in Node's binaries
 * is compiled as for debugging: for every lock it keeps a graph of all locks, a megabyte that each start fills with
 * zeros, to abort where two threads might wait for each other. `absl::SetMutexDeadlockDetectionMode(kIgnore)` would do
 * the same, but nothing calls it.
 *
 * @throws Error when the binary is not compiled so: then look whether this is still needed.
 */
export function trustLocks(binary: Buffer): void {
  const at = placeOfSymbol(binary, DETECTION);
  const mode = binary.readUInt32LE(at);
  if (mode !== ON_CYCLE.abort) throw new Error(`Cannot find the mode of lock checks: ${mode} is another one`);
  binary.writeUInt32LE(ON_CYCLE.ignore, at);
}
