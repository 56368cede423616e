import type { ApiContext, Right } from './context.ts';
import type { Streams } from './streams.ts';
import type { Visit } from './visit.ts';

/** A request to an endpoint, allowed and within its limits. */
export interface Call {
  readonly context: ApiContext;
  readonly visit: Visit;
  /** Of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly streams: Streams;
}

export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** As in openapi.json: `/api/containers/{id}`. */
  readonly path: string;
  readonly right: Right;
  /** Whether the name in Host counts for nothing: probes of load balancers send any. */
  readonly anyHost?: boolean;
  answer(call: Call): Response | Promise<Response>;
}
