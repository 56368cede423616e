import { openHostStore } from '../../cni/holders.ts';
import { isForgotten } from '../../cni/remembered.ts';
import { decode } from '../../ipam/codec.ts';
import { DEFAULT_DATA_DIR } from '../../ipam/store.ts';
import type { Allocation } from '../../ipam/types.ts';
import { readStateFile } from '../../sys/state-file.ts';
import { listNames } from '../../sys/text-file.ts';
import { dirname } from 'node:path';

/** The addresses of one data directory. */
export interface StateFacts {
  readonly path: string;
  /** `damaged`: anyone but flatnet changed the file; the next call sets it aside and rebuilds it. */
  readonly condition: 'intact' | 'missing' | 'damaged' | 'unreadable';
  /** Why it is unreadable. */
  readonly problem: string | undefined;
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

/** Looks at a data directory without changing it. Never throws: a broken state is what one looks for. */
export async function inspectState(dataDir: string = DEFAULT_DATA_DIR): Promise<StateFacts> {
  const store = openHostStore(dataDir);
  const { path } = store;
  try {
    const condition = conditionOf(path);
    const [allocations, dead] = await Promise.all([store.list(), store.reclaim({ dryRun: true })]);
    const setAside = listNames(dirname(path)).filter((name) => name.includes('.corrupt-'));
    const forgotten = allocations.filter(isForgotten);
    return { path, condition, problem: undefined, allocations, dead, forgotten, setAside };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { path, condition: 'unreadable', problem, allocations: [], dead: [], forgotten: [], setAside: [] };
  }
}
