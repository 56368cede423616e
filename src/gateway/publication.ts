import type { Snapshot } from './snapshot.ts';

/** The latest snapshot, and those who wait for the next one. */
export interface Publication {
  readonly current: () => Snapshot;
  /** @returns a function that ends it. */
  subscribe(listener: (snapshot: Snapshot) => void): () => void;
  /** Tells subscribers of a snapshot only if it differs in more than the times of looks. */
  publish(content: Omit<Snapshot, 'revision'>): void;
}

/** Of the status what a client sees change: a look that found nothing new is no news. */
function newsOf({ runtime, ...rest }: Snapshot['status']): string {
  return JSON.stringify([rest, runtime.via]);
}

export function createPublication(first: Omit<Snapshot, 'revision'>): Publication {
  const listeners = new Set<(snapshot: Snapshot) => void>();
  let latest: Snapshot = { ...first, revision: 1 };
  const news = { status: newsOf(first.status), model: JSON.stringify(first.model) };
  /** A model of a thousand containers takes its time, and is the same object for most of the day. */
  const isNewModel = ({ model }: Omit<Snapshot, 'revision'>) => {
    if (model === latest.model) return false;
    const former = news.model;
    news.model = JSON.stringify(model);
    return news.model !== former;
  };
  return {
    current: () => latest,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    publish: (content) => {
      const former = news.status;
      news.status = newsOf(content.status);
      const isNews = isNewModel(content) || news.status !== former;
      latest = { ...content, revision: latest.revision + (isNews ? 1 : 0) };
      if (isNews) for (const listener of listeners) listener(latest);
    },
  };
}
