import { UNBOUNDED } from '../../sys/context.ts';
import { allocationsByLinks, openHostStore } from '../../attachment/store.ts';
import { isForgotten } from '../../attachment/remembered.ts';
import { decode } from '../../ipam/state/decode.ts';
import { DEFAULT_DATA_DIR, type Store } from '../../ipam/store.ts';
import type { Allocation } from '../../ipam/types.ts';
import { isWritableDirectory } from '../../sys/files/files.ts';
import { bootId } from '../../sys/proc.ts';
import { readStateFile, UnsafePath } from '../../sys/files/state-file.ts';
import { isPresent, listNames } from '../../sys/files/text-file.ts';
import { dirname } from 'node:path';

export interface StateFacts {
  readonly path: string;
  /** The next call rebuilds a `damaged` file (not written by flatnet) or an `outdated` one (contradicts the links). */
  readonly condition: 'intact' | 'missing' | 'damaged' | 'outdated' | 'unreadable';
  /** Why no address can be stored in the file. */
  readonly problem: string | undefined;
  /** A command line to paste, or prose. */
  readonly remedy: string | undefined;
  /** Taken from the links if the file is unreadable. */
  readonly allocations: readonly Allocation[];
  /** Allocations without a host veth and without a running ADD. */
  readonly dead: readonly Allocation[];
  /** Allocations whose pair exists but whose rules are unknown. */
  readonly forgotten: readonly Allocation[];
  /** Names of damaged files that were kept. */
  readonly setAside: readonly string[];
}

function keysOf(allocations: readonly Allocation[]): string {
  const keys = allocations.map((one) => [one.network, one.address, one.containerID, one.ifname].join(' '));
  return keys.sort().join('\n');
}

function compare(content: Buffer | undefined, held: readonly Allocation[]): StateFacts['condition'] {
  if (content === undefined) return 'missing';
  const { page, state } = decode(content);
  if (page === undefined) return 'damaged';
  // A reboot voids the entries.
  const said = state.bootId === bootId() ? [...state.allocations.values()] : [];
  return keysOf(said) === keysOf(held) ? 'intact' : 'outdated';
}

/** An ADD or DEL between reading the file and reading the links looks like a difference. */
const LOOKS = 3;

/** Compares a state file with the links; changes nothing. */
export async function conditionOf({ path, list }: Store): Promise<StateFacts['condition']> {
  for (let look = 1; ; look += 1) {
    const condition = compare(readStateFile(path)?.content, await list());
    if (condition !== 'outdated' || look === LOOKS) return condition;
  }
}

/** The nearest existing directory; the rest is created with the first address. */
function nearest(path: string): string {
  return isPresent(path) ? path : nearest(dirname(path));
}

type Problem = Pick<StateFacts, 'problem' | 'remedy'>;

function writeProblem(dataDir: string): Problem {
  const directory = nearest(dataDir);
  if (isWritableDirectory(directory)) return { problem: undefined, remedy: undefined };
  return {
    problem: `Cannot write to the data directory "${dataDir}"`,
    remedy: `remount its file system read-write (findmnt --target ${directory} shows it), or set ipam.dataDir to another directory`,
  };
}

function readProblem(path: string, error: unknown): Problem {
  const problem = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const remedy = cause instanceof UnsafePath ? (cause.remedy ?? `sudo ls -ld ${cause.path}`) : undefined;
  return { problem, remedy: remedy ?? `sudo ls -la ${path}` };
}

/** Changes nothing and never throws: a broken state is a result. */
export async function inspectState(dataDir: string = DEFAULT_DATA_DIR): Promise<StateFacts> {
  const store = openHostStore(dataDir, UNBOUNDED);
  const { path } = store;
  try {
    const [condition, allocations, dead] = await Promise.all([
      conditionOf(store),
      store.list(),
      store.reclaim({ dryRun: true }),
    ]);
    const setAside = listNames(dirname(path)).filter((name) => name.includes('.corrupt-'));
    const forgotten = allocations.filter(isForgotten);
    return { path, condition, ...writeProblem(dataDir), allocations, dead, forgotten, setAside };
  } catch (error) {
    // The links are enough to list the containers.
    const allocations = await allocationsByLinks(dataDir, UNBOUNDED).catch(() => []);
    const unknown = { dead: [], forgotten: [], setAside: [] };
    return { path, condition: 'unreadable', ...readProblem(path, error), allocations, ...unknown };
  }
}
