import { createAdaptorServer, type ServerType } from '@hono/node-server';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { FlatnetError } from '../../input/error.ts';
import { hostPort } from '../../input/host-port.ts';
import { isSocketServed, placeSocket, type SocketAccess } from '../../sys/files/socket-file.ts';
import { removeFile } from '../../sys/files/text-file.ts';
import { type Listen, PLACES } from '../settings.ts';
import type { Api } from './app.ts';

export interface Listener {
  /** The TCP port, also where 0 was asked for; 0 for a unix socket. */
  readonly port: number;
  /** Ends event streams, lets other requests finish, and then frees the port. */
  readonly close: () => Promise<void>;
}

/** Milliseconds, connections and bytes: a client that dawdles costs little, and cannot have it all. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16_384,
} as const;
const MOST_CONNECTIONS = 1_024;
const MOST_REQUESTS_A_CONNECTION = 10_000;
/** Milliseconds until a request that does not finish is cut off when the door closes. */
const GRACE = 2_000;
const SWEEP = 20;

function serverFor(api: Api): ServerType {
  const server = createAdaptorServer({
    // Not node-server's own Request and Response for the whole process.
    overrideGlobalObjects: false,
    fetch: (request, { incoming }) => api.fetch(request, incoming.socket.remoteAddress),
    createServer,
    serverOptions: LIMITS,
  });
  if ('maxRequestsPerSocket' in server) {
    server.maxConnections = MOST_CONNECTIONS;
    server.maxRequestsPerSocket = MOST_REQUESTS_A_CONNECTION;
  }
  return server;
}

function closing(server: ServerType, api: Api): () => Promise<void> {
  return async () => {
    api.close();
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    if (!('closeIdleConnections' in server)) return;
    // Those of streams become idle only when their end has been sent.
    const sweeping = setInterval(() => {
      server.closeIdleConnections();
    }, SWEEP);
    const timer = setTimeout(() => {
      server.closeAllConnections();
    }, GRACE);
    await closed;
    clearInterval(sweeping);
    clearTimeout(timer);
  };
}

const REASONS: Readonly<Record<string, (port: number) => string>> = {
  EADDRINUSE: (port) => `another program has that port; find it with: ss -ltnp sport = :${port}`,
  EADDRNOTAVAIL: () => 'this host does not have that address',
  EACCES: () => 'only root may listen on ports below 1024',
};

function listenError(where: string, port: number, cause: unknown): FlatnetError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const known = REASONS[code]?.(port);
  const reason = known ?? (cause instanceof Error ? cause.message : String(cause));
  return new FlatnetError('io', `Cannot listen on "${where}"`, {
    details: `${reason}; "api.listen" in ${PLACES.settings} says where`,
    cause,
  });
}

/**
 * Opens a door of TCP.
 * @throws FlatnetError `io`, naming the program's way to find who has the port.
 */
export async function listenTcp(api: Api, { address, port }: Listen): Promise<Listener> {
  const server = serverFor(api);
  const where = hostPort(address, port);
  try {
    // Without a host, Node takes `::` for both families, and 0.0.0.0 where the kernel has no IPv6.
    server.listen(address === '*' ? { port } : { port, host: address });
    await once(server, 'listening');
  } catch (cause) {
    throw listenError(where, port, cause);
  }
  const bound = server.address();
  const actual = typeof bound === 'object' && bound !== null ? bound.port : port;
  return { port: actual, close: closing(server, api) };
}

/**
 * Opens a door at a path. For root's own: `{ mode: 0o600 }`. For nginx: `{ mode: 0o660, group }` with the group of its workers,
 * never open to all, since whoever connects there is believed about who asks.
 * @throws FlatnetError `io`
 */
export async function listenUnix(api: Api, path: string, access: SocketAccess): Promise<Listener> {
  if (await isSocketServed(path)) {
    throw new FlatnetError('busy', `Cannot listen on "${path}"`, {
      details: 'another flatnetd is running there',
    });
  }
  const bound = `${path}.new`;
  const server = serverFor(api);
  try {
    removeFile(bound);
    server.listen({ path: bound });
    await once(server, 'listening');
    placeSocket(bound, path, access);
  } catch (cause) {
    server.close();
    const details = cause instanceof Error ? cause.message : String(cause);
    throw new FlatnetError('io', `Cannot listen on "${path}"`, { details, cause });
  }
  const close = closing(server, api);
  return {
    port: 0,
    close: async () => {
      removeFile(path);
      await close();
    },
  };
}
