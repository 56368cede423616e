import type { Details, Listed } from './podman-json.ts';

/** A way to ask Podman. Both ways answer the same; each rejects if Podman cannot be asked or does not answer in time. */
export interface Runtime {
  readonly via: 'socket' | 'command';
  /** All containers, stopped ones included. */
  list(): Promise<readonly Listed[]>;
  /** By ID; one that is gone meanwhile is left out. */
  containerDetails(ids: readonly string[]): Promise<ReadonlyMap<string, Details>>;
  imageDetails(ids: readonly string[]): Promise<ReadonlyMap<string, Details>>;
  /** Calls back at each event of a container, until `signal` aborts or the stream ends. */
  followEvents(signal: AbortSignal, onEvent: () => void): Promise<void>;
}
