import { parseAddress } from '../../input/address.ts';
import { json, problem } from './answer.ts';
import { attached } from './containers.ts';
import type { Call } from './endpoint.ts';

/*
 * What the first gateway told about several hosts, as one host answers it: no peers, and no address that needs another way than
 * the gateway.
 */

/** Seconds, as the first gateway had them. */
const SYNC = { sync_interval: 30, sync_ttl: 300 } as const;

export function syncStatus({ context }: Call): Response {
  const containers = attached(context.source.current().model);
  return json({
    host_id: context.hostID,
    peer_count: 0,
    peers: [],
    ...SYNC,
    local_containers: containers.length,
  });
}

export function escalationStates(): Response {
  return json({});
}

export function escalationStats(): Response {
  return json({
    total: 0,
    states: { GATEWAY_ONLY: 0, P2P_ATTEMPTING: 0, P2P_ACTIVE: 0, GATEWAY_FALLBACK: 0 },
    config: { healthcheck_interval: 5, latency_warning: 500, latency_fallback: 1_000 },
  });
}

/** Nothing is remembered of any address, so each is in its first state already. */
export function resetEscalation({ visit }: Call): Response {
  const ip = visit.url.searchParams.get('ip');
  if (ip === null || ip === '') return problem(400, { error: 'ip parameter required' });
  if (parseAddress(ip) === undefined) {
    return problem(400, { error: 'invalid ip', details: 'not an IP address', ip });
  }
  return json({ success: true, ip, state: 'GATEWAY_ONLY' });
}
