import type { Context } from '../../sys/context.ts';
import type { Unseen } from './facts.ts';

/** Inspects the parts of a host; records a part that fails, and goes on. */
export interface Look {
  readonly ctx: Context;
  readonly unseen: readonly Unseen[];
  readonly at: <T>(what: string, otherwise: T, look: () => T | Promise<T>) => Promise<T>;
}

/** With nothing unseen yet. */
export function makeLook(ctx: Context): Look {
  const unseen: Unseen[] = [];
  return {
    ctx,
    unseen,
    at: async (what, otherwise, look) => {
      try {
        return await look();
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        // Networks are inspected one by one; one entry is enough.
        if (!unseen.some((known) => known.what === what)) unseen.push({ what, why });
        return otherwise;
      }
    },
  };
}
