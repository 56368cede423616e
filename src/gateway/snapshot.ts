import type { Model } from './model.ts';

/** Something that is wrong, for the person who can put it right. */
export interface Trouble {
  /** Stable, for programs: `nginx-dead`, `podman-silent`, `port-taken`, `disk-full`, `route-refused`, … */
  readonly code: string;
  /** "Cannot reload nginx: …" */
  readonly message: string;
  /** What to do; works when pasted. */
  readonly remedy: string;
  readonly since: number;
}

/** How the gateway fares. Times are milliseconds since 1970. */
export interface GatewayStatus {
  readonly startedAt: number;
  readonly runtime: {
    /** `socket` or `command`; `undefined` before the first answer. */
    readonly via: 'socket' | 'command' | undefined;
    /** When the host was last looked at as a whole, and when the last event came. */
    readonly reconciledAt: number | undefined;
    readonly eventAt: number | undefined;
  };
  readonly nginx: {
    readonly isRunning: boolean;
    readonly version: string | undefined;
    /** Whether it follows addresses without a reload. */
    readonly hasLua: boolean;
    /** Workers of earlier configurations that still serve connections, and since when the oldest one drains. */
    readonly draining: number;
    readonly drainingSince: number | undefined;
  };
  /** Configurations are counted; they differ only in a moment of change, or when nginx refuses one. */
  readonly generation: { readonly wanted: number; readonly served: number | undefined };
  readonly troubles: readonly Trouble[];
}

export interface Snapshot {
  readonly model: Model;
  readonly status: GatewayStatus;
  /** Raised by every change of what a client sees; the id of an event. */
  readonly revision: number;
}

/** What the API reads: the daemon replaces the snapshot as a whole. */
export interface SnapshotSource {
  current(): Snapshot;
  /** @returns a function that ends it. */
  subscribe(listener: (snapshot: Snapshot) => void): () => void;
  /** Looks at the host now, without waiting for the next turn; resolves when that is done. */
  reconcile(): Promise<void>;
}
