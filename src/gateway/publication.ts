import type { Snapshot } from './snapshot.ts';

/** The latest snapshot, and those who wait for the next one. */
export interface Publication {
  readonly current: () => Snapshot;
  /** @returns a function that ends it. */
  subscribe(listener: (snapshot: Snapshot) => void): () => void;
  /** Tells subscribers of a snapshot only if it differs in more than the times of looks. */
  publish(content: Omit<Snapshot, 'revision'>): void;
}

/** What a client sees change: a look that found nothing new is no news. */
function newsOf({ model, status }: Omit<Snapshot, 'revision'>): string {
  const { runtime, ...rest } = status;
  return JSON.stringify([model, rest, runtime.via]);
}

export function createPublication(first: Omit<Snapshot, 'revision'>): Publication {
  const listeners = new Set<(snapshot: Snapshot) => void>();
  let latest: Snapshot = { ...first, revision: 1 };
  let news = newsOf(first);
  return {
    current: () => latest,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    publish: (content) => {
      const next = newsOf(content);
      const isNews = next !== news;
      news = next;
      latest = { ...content, revision: latest.revision + (isNews ? 1 : 0) };
      if (isNews) for (const listener of listeners) listener(latest);
    },
  };
}
