import { formatAddress, parseAddress } from '../../input/address.ts';
import type { Container, Model } from '../model.ts';
import { json, problem } from './answer.ts';
import type { Call } from './endpoint.ts';
import { moment } from './moments.ts';

/**
 * Seconds that an entry of the first gateway lived without being renewed. Here entries follow the containers themselves; the
 * figure is kept for clients that read it.
 */
const TTL = 300;
/** Digits of an ID that are enough, as in `podman ps`. */
const SHORT_ID = 12;

/** Those that hold an address now: an entry came with ADD and went with DEL. */
export function attached(model: Model): readonly Container[] {
  return model.services
    .map(({ container }) => container)
    .filter(({ addresses, phase }) => addresses.length > 0 && (phase === 'running' || phase === 'paused'));
}

/** A container as the first gateway's API had it, with `hostId` as a text. */
function entryOf(container: Container, hostID: string) {
  return {
    id: container.id,
    ip: container.addresses[0] ?? '',
    hostname: container.name,
    ports: container.exposed,
    hostId: hostID,
    createdAt: moment(container.createdAt),
  };
}

export function listContainers({ context }: Call): Response {
  const { model } = context.source.current();
  return json(attached(model).map((container) => ({ ...entryOf(container, context.hostID), ttl: TTL })));
}

export function showContainer({ context, params }: Call): Response {
  const { id = '' } = params;
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(id)) {
    return problem(400, {
      error: 'invalid id',
      details: 'an id is 1 to 128 letters, digits, "_" or "-"',
      id,
    });
  }
  const matching = attached(context.source.current().model).filter((container) =>
    id.length >= SHORT_ID ? container.id.startsWith(id) : container.id === id,
  );
  const [found] = matching;
  if (found === undefined || matching.length > 1) return problem(404, { error: 'container not found', id });
  return json(entryOf(found, context.hostID));
}

export function lookUpAddress({ context, params }: Call): Response {
  const { ip = '' } = params;
  const address = parseAddress(ip);
  if (address === undefined) return problem(400, { error: 'invalid ip', details: 'not an IP address', ip });
  const wanted = formatAddress(address);
  const found = attached(context.source.current().model).find(({ addresses }) =>
    addresses.some((one) => {
      const own = parseAddress(one);
      return own !== undefined && formatAddress(own) === wanted;
    }),
  );
  if (found === undefined) return problem(404, { error: 'not found', ip });
  return json(entryOf(found, context.hostID));
}
