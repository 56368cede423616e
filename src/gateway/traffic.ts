import type { Model } from './model.ts';
import type { GatewayStatus, Trouble } from './snapshot.ts';

/** How the traffic's side fares. */
export interface TrafficReport {
  readonly nginx: GatewayStatus['nginx'];
  readonly generation: GatewayStatus['generation'];
  /** What nginx said of the fragments that it refused, by the id of their routes. */
  readonly quarantine: ReadonlyMap<string, string>;
  readonly troubles: readonly Trouble[];
}

/** Brings nginx where a model is. `nginx/applier.ts` does. */
export interface Traffic {
  /** Returns at once; the latest model wins. */
  want(model: Model): void;
  report(): TrafficReport;
  /** Waits for what is under way; nginx goes on. */
  close(): Promise<void>;
}
