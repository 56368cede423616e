import type { RequiredVariable } from './args.ts';
import type { CniRequest } from './types.ts';
import type { CniVersion } from './version.ts';

export type Handler = (request: CniRequest) => Promise<void>;

export interface Verb {
  /** Variables that must be set (SPEC section 2, "Operations"). */
  readonly required: readonly RequiredVariable[];
  /** First version of the spec with this verb. */
  readonly since: CniVersion;
  /** Whether SIGTERM and the time limit end it; DEL always finishes. */
  readonly isInterruptible: boolean;
  /** Whether errors in unneeded parts of the request are only logged: DEL removes what exists. */
  readonly isTolerant: boolean;
  /** Loads the code of this verb only. */
  readonly load: () => Promise<Handler>;
}

/** Every verb but VERSION, which is answered before a request is read. */
export const VERBS: Readonly<Record<string, Verb>> = {
  ADD: {
    required: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'],
    since: '0.1.0',
    isInterruptible: true,
    isTolerant: false,
    load: async () => (await import('./add.ts')).add,
  },
  DEL: {
    required: ['CNI_CONTAINERID', 'CNI_IFNAME'],
    since: '0.1.0',
    isInterruptible: false,
    isTolerant: true,
    load: async () => (await import('./del.ts')).del,
  },
  CHECK: {
    required: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'],
    since: '0.4.0',
    isInterruptible: true,
    isTolerant: false,
    load: async () => (await import('./check.ts')).check,
  },
  GC: {
    required: [],
    since: '1.1.0',
    isInterruptible: true,
    isTolerant: false,
    load: async () => (await import('./gc.ts')).gc,
  },
  STATUS: {
    required: [],
    since: '1.1.0',
    isInterruptible: true,
    isTolerant: false,
    load: async () => (await import('./status.ts')).status,
  },
};
