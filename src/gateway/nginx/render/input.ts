import type { Settings } from '../../settings.ts';
import type { Features } from '../features.ts';
import type { NginxPlaces } from '../places.ts';

/** Paths of a certificate with its chain, and of its key. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** What a configuration depends on besides the model. */
export interface RenderInput {
  readonly settings: Settings;
  readonly features: Features;
  /** Counts configurations; the proof server tells it. */
  readonly generation: number;
  readonly places: NginxPlaces;
  /** With it every server listens for TLS, too. */
  readonly tls: Certificate | undefined;
}

/** A value for what nginx is to be told, whatever its version: upstream connections are not kept (gateway.md §3). */
export const NO_KEEPALIVE_SINCE = '1.29.7';
