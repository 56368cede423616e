import type { Settings } from '../settings.ts';
import type { SnapshotSource } from '../snapshot.ts';

/** What the API needs of the daemon. */
export interface ApiContext {
  readonly source: SnapshotSource;
  readonly settings: Settings;
  readonly version: string;
  /** `1` on a single host. */
  readonly hostID: string;
  readonly hostName: string;
  /** Addresses and names of this host, the nearest to the LAN first. */
  readonly ownHosts: () => readonly string[];
  /** Of settings.api.tokenFile; `undefined` without one. */
  readonly token: () => string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The certificate of the gateway's own CA in PEM; absent or `undefined` without TLS. */
  readonly caCertificate?: () => string | undefined;
  /** Told of a route that counts as ready while nginx could not reach its container. */
  readonly onUnreachable?: (routeID: string) => void;
  /** Told of an error that no answer explains, for the log. */
  readonly onFault?: (error: unknown) => void;
}

/**
 * Where a request comes in: `lan` is a TCP port and the client its peer; `proxy` is nginx's socket, and the client is whom
 * nginx names in X-Real-IP; `own` is the socket of root on this host.
 */
export type Door = 'lan' | 'proxy' | 'own';

/** What an endpoint needs: nothing, or a client that may read or change. */
export type Right = 'open' | 'read' | 'write';
