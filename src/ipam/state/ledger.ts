/** What a ledger is keyed by: `"<network>/<address>"`. */
export interface Keyed {
  readonly network: string;
  readonly address: string;
}

export function keyOf(network: string, address: string): string {
  return `${network}/${address}`;
}

/** The two parts of a key; no address has a slash. */
export function partsOf(key: string): Keyed {
  const slash = key.lastIndexOf('/');
  return { network: key.slice(0, Math.max(slash, 0)), address: key.slice(slash + 1) };
}

/**
 * Entries by key, in the order they were entered: a map that never changes, and of which a changed copy costs little,
 * because the copy takes the index over. A ledger that is asked again after that makes itself a new one.
 */
export class Ledger<T extends Keyed> implements ReadonlyMap<string, T> {
  readonly list: readonly T[];
  #index: Map<string, T> | undefined;

  /** Of entries that differ in their keys. */
  constructor(list: readonly T[], index?: Map<string, T>) {
    this.list = list;
    this.#index = index;
  }

  get size(): number {
    return this.list.length;
  }

  get(key: string): T | undefined {
    return this.#lookup().get(key);
  }

  has(key: string): boolean {
    return this.#lookup().has(key);
  }

  /** The ledger with these entries: at the end, or in the place of what had the key. */
  with(entries: readonly T[]): Ledger<T> {
    const list = [...this.list];
    const index = this.#handOver();
    for (const entry of entries) {
      const key = keyOf(entry.network, entry.address);
      const former = index.get(key);
      if (former === undefined) {
        list.push(entry);
      } else {
        list[list.indexOf(former)] = entry;
      }
      index.set(key, entry);
    }
    return new Ledger(list, index);
  }

  /** The ledger without what has these keys; itself when nothing has. */
  without(keys: readonly string[]): Ledger<T> {
    const gone = keys.filter((key) => this.has(key));
    if (gone.length === 0) {
      return this;
    }
    const list = [...this.list];
    const index = this.#handOver();
    for (const key of gone) {
      const entry = index.get(key);
      if (entry !== undefined) {
        list.splice(list.indexOf(entry), 1);
        index.delete(key);
      }
    }
    return new Ledger(list, index);
  }

  *keys(): MapIterator<string> {
    for (const { network, address } of this.list) {
      yield keyOf(network, address);
    }
  }

  values(): ArrayIterator<T> {
    return this.list.values();
  }

  *entries(): MapIterator<[string, T]> {
    for (const entry of this.list) {
      yield [keyOf(entry.network, entry.address), entry];
    }
  }

  [Symbol.iterator](): MapIterator<[string, T]> {
    return this.entries();
  }

  forEach(visit: (value: T, key: string, ledger: ReadonlyMap<string, T>) => void): void {
    for (const [key, entry] of this) {
      visit(entry, key, this);
    }
  }

  #lookup(): Map<string, T> {
    return (this.#index ??= new Map(this.list.map((entry) => [keyOf(entry.network, entry.address), entry])));
  }

  #handOver(): Map<string, T> {
    const index = this.#lookup();
    this.#index = undefined;
    return index;
  }
}
