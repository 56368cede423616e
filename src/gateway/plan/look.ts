import type { Container, Probes } from '../model.ts';

/** Everything that one turn of planning looks at. Nothing in it is trusted before it has passed a grammar. */
export interface Look {
  readonly containers: readonly Container[];
  readonly probes: Probes;
  /** What nginx said of the fragments that it refused, by the id of their routes. */
  readonly quarantine: ReadonlyMap<string, string>;
  /** Milliseconds since 1970. */
  readonly now: number;
  /**
   * Names of flatnet's networks. With them, a container without address that is on one of them waits for an address,
   * and any other is not on flatnet; without them, only one that never ran is taken to wait.
   */
  readonly networks?: readonly string[];
  /** The host's own addresses, without prefix: `flatnet.access=host` lets them in besides loopback. */
  readonly hostAddresses?: readonly string[];
}
