import { openHostStore, recoverFromLinks } from '../../cni/holders.ts';
import { isForgotten } from '../../cni/remembered.ts';
import { decode } from '../../ipam/codec.ts';
import { DEFAULT_DATA_DIR } from '../../ipam/store.ts';
import type { Allocation } from '../../ipam/types.ts';
import { isWritableDirectory } from '../../sys/files.ts';
import { isThere, readStateFile, UnsafePath } from '../../sys/state-file.ts';
import { listNames } from '../../sys/text-file.ts';
import { dirname } from 'node:path';

/** The addresses of one data directory. */
export interface StateFacts {
  readonly path: string;
  /** `damaged`: anyone but flatnet changed the file; the next call sets it aside and rebuilds it. */
  readonly condition: 'intact' | 'missing' | 'damaged' | 'unreadable';
  /** Why no address can be kept in it. */
  readonly problem: string | undefined;
  /** A command line against it, or words. */
  readonly remedy: string | undefined;
  /** What the links tell where it is unreadable. */
  readonly allocations: readonly Allocation[];
  /** Those whose host veth is gone and that nobody is making. */
  readonly dead: readonly Allocation[];
  /** Those whose pair is there, and of whose rules nothing is remembered. */
  readonly forgotten: readonly Allocation[];
  /** Files that were damaged once and are kept beside it. */
  readonly setAside: readonly string[];
}

/** What a state file is, without changing it. */
export function conditionOf(path: string): StateFacts['condition'] {
  const content = readStateFile(path)?.content;
  if (content === undefined) return 'missing';
  return decode(content).intact ? 'intact' : 'damaged';
}

/** The directory, or what is there of its path: the rest is made with the first address. */
function nearest(path: string): string {
  return isThere(path) ? path : nearest(dirname(path));
}

type Trouble = Pick<StateFacts, 'problem' | 'remedy'>;

function writeTrouble(dataDir: string): Trouble {
  const directory = nearest(dataDir);
  if (isWritableDirectory(directory)) return { problem: undefined, remedy: undefined };
  return {
    problem: `Cannot write to the data directory "${dataDir}"`,
    remedy: `mount its file system for writing (findmnt --target ${directory} shows it), or set ipam.dataDir to another directory`,
  };
}

function readTrouble(path: string, error: unknown): Trouble {
  const problem = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const remedy = cause instanceof UnsafePath ? (cause.remedy ?? `sudo ls -ld ${cause.path}`) : undefined;
  return { problem, remedy: remedy ?? `sudo ls -la ${path}` };
}

/** Looks at a data directory without changing it. Never throws: a broken state is what one looks for. */
export async function inspectState(dataDir: string = DEFAULT_DATA_DIR): Promise<StateFacts> {
  const store = openHostStore(dataDir);
  const { path } = store;
  try {
    const condition = conditionOf(path);
    const [allocations, dead] = await Promise.all([store.list(), store.reclaim({ dryRun: true })]);
    const setAside = listNames(dirname(path)).filter((name) => name.includes('.corrupt-'));
    const forgotten = allocations.filter(isForgotten);
    return { path, condition, ...writeTrouble(dataDir), allocations, dead, forgotten, setAside };
  } catch (error) {
    // The links say as much as is needed to show who is there.
    const allocations = await recoverFromLinks().catch(() => []);
    const unknown = { dead: [], forgotten: [], setAside: [] };
    return { path, condition: 'unreadable', ...readTrouble(path, error), allocations, ...unknown };
  }
}
