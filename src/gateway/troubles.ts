import type { Trouble } from './snapshot.ts';

/** What is wrong now, by code; one that goes on keeps the time at which it began. */
export interface Troubles {
  /** `undefined` clears it. */
  report(code: string, trouble: Pick<Trouble, 'message' | 'remedy'> | undefined): void;
  list(): readonly Trouble[];
}

export function createTroubles(now: () => number): Troubles {
  const present = new Map<string, Trouble>();
  return {
    report: (code, trouble) => {
      if (trouble === undefined) present.delete(code);
      else present.set(code, { code, ...trouble, since: present.get(code)?.since ?? now() });
    },
    list: () => [...present.values()],
  };
}
