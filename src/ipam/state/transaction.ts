import { withLock, type LockedFile } from '../../sys/lock/lock.ts';
import { checkPrivateDirectory, ensurePrivateDirectory, setAside } from '../../sys/files/state-file.ts';
import { asIpamError } from '../failure.ts';
import type { Found } from './found.ts';
import { openReader, type Reader, type ReaderOptions } from './reader.ts';
import type { State } from '../state.ts';
import type { View } from '../view.ts';

export interface FileOptions extends ReaderOptions {
  readonly timeoutMs: number;
}

/** The next state and the caller's result. Returning the same state object writes nothing. */
export interface Mutation<T> {
  readonly state: State;
  readonly value: T;
}

export interface StateFile {
  readonly path: string;
  /** Lock, read, reduce, write. The reducer may run more than once and must be pure. */
  readonly mutate: <T>(label: string, reduce: Reducer<T>) => Promise<T>;
  /** Takes no lock: the file is always replaced as a whole. */
  readonly read: <T>(look: (state: State, view: View) => T) => Promise<T>;
  /** Like `mutate` without keeping the change: throws if it could not be written. */
  readonly rehearse: (label: string, reduce: (state: State, view: View) => State) => Promise<void>;
}

type Reducer<T> = (state: State, view: View) => Mutation<T>;

export function openFile(options: FileOptions): StateFile {
  const reader = openReader(options);
  const { path } = reader;
  const transact = <T>(label: string, work: (transaction: Transaction) => T): Promise<T> =>
    guarded(path, () => {
      ensurePrivateDirectory(options.dataDir);
      return withLock(path, { timeoutMs: options.timeoutMs, label }, (lease) => {
        const found = reader.load();
        return found.isReliable
          ? work({ lease, found, reader })
          : reader.recover(found).then((repaired) => work({ lease, found: repaired, reader }));
      });
    });
  return {
    path,
    mutate: (label, reduce) => transact(label, (transaction) => finish(transaction, reduce)),
    rehearse: (label, reduce) =>
      transact(label, ({ lease, found }) => {
        lease.rehearse(reader.draft(reduce(found.state, found.view)));
      }),
    read: (look) =>
      guarded(path, async () => {
        checkPrivateDirectory(options.dataDir);
        const found = reader.load();
        const { state, view } = found.isReliable ? found : await reader.recover(found);
        return look(state, view);
      }),
  };
}

interface Transaction {
  readonly lease: LockedFile;
  readonly found: Found;
  readonly reader: Reader;
}

/** A repair is written even if the reducer refuses; otherwise each refused call would set the same file aside again. */
function finish<T>(transaction: Transaction, reduce: Reducer<T>): T {
  const { state, view } = transaction.found;
  let outcome: Mutation<T>;
  try {
    outcome = reduce(state, view);
  } catch (error) {
    write(transaction, state);
    throw error;
  }
  write(transaction, outcome.state);
  return outcome.value;
}

function write({ lease, found, reader }: Transaction, state: State): void {
  if (state === found.original) {
    return;
  }
  if (found.isDamaged) {
    setAside(reader.path, found.view.now.replaceAll(':', ''));
  }
  reader.save(state, lease.commit);
}

async function guarded<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof Error ? asIpamError(path, error) : error;
  }
}
