import type { Trouble } from './snapshot.ts';

/** What is wrong now, each since it began. */
export interface Troubles {
  /** The one trouble of that topic, in place of a former one. */
  set(topic: string, diagnosis: Omit<Trouble, 'since'>): void;
  clear(...topics: readonly string[]): void;
  list(): readonly Trouble[];
}

export function createTroubles(now: () => number): Troubles {
  const found = new Map<string, Trouble>();
  return {
    set(topic, diagnosis) {
      const former = found.get(topic);
      const isSame = former?.code === diagnosis.code && former.message === diagnosis.message;
      found.set(topic, { ...diagnosis, since: isSame ? former.since : now() });
    },
    clear(...topics) {
      for (const topic of topics) found.delete(topic);
    },
    list: () => [...found.values()],
  };
}
