import { followSocket, requestSocket } from '../../sys/socket-http.ts';
import { type Details, parseDetails, parseList } from './podman-json.ts';
import type { Runtime } from './runtime.ts';

/** Of Podman 4.0 and everything later. */
const API = '/v4.0.0/libpod';
const TIMEOUT_MS = 10_000;
/** A new container at a time is usual; after a start all of them are asked for. */
const AT_ONCE = 8;

async function get(socket: string, path: string): Promise<string | undefined> {
  const { status, body } = await requestSocket({ socket, path: `${API}${path}`, timeoutMs: TIMEOUT_MS });
  if (status === 404) return undefined;
  if (status === 200) return body;
  throw new Error(`Podman answered "${path}" with ${status}: ${body.trim().slice(0, 300)}`);
}

async function detailsOf(
  socket: string,
  what: 'containers' | 'images',
  ids: readonly string[],
): Promise<ReadonlyMap<string, Details>> {
  const found = new Map<string, Details>();
  for (let first = 0; first < ids.length; first += AT_ONCE) {
    const some = ids.slice(first, first + AT_ONCE);
    const bodies = await Promise.all(some.map((id) => get(socket, `/${what}/${id}/json`)));
    for (const body of bodies) {
      if (body === undefined) continue;
      const word = what === 'images' ? 'an image' : 'a container';
      for (const [id, details] of parseDetails(body, word)) found.set(id, details);
    }
  }
  return found;
}

/** Podman's API at a unix socket. */
export function podmanSocket(socket: string): Runtime {
  return {
    via: 'socket',
    list: async () => parseList((await get(socket, '/containers/json?all=true')) ?? ''),
    containerDetails: (ids) => detailsOf(socket, 'containers', ids),
    imageDetails: (ids) => detailsOf(socket, 'images', ids),
    followEvents: (signal, onEvent) => {
      const filters = encodeURIComponent(JSON.stringify({ type: ['container', 'network'] }));
      return followSocket({ socket, path: `${API}/events?stream=true&filters=${filters}` }, signal, onEvent);
    },
  };
}
