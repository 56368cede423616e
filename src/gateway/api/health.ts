import type { Trouble } from '../snapshot.ts';
import { json, problem, text } from './answer.ts';
import type { ApiContext } from './context.ts';
import type { Call } from './endpoint.ts';
import { ageSeconds, moment } from './moments.ts';
import { accepts } from './visit.ts';

function troubleOf({ code, message, remedy, since }: Trouble) {
  return { code, message, remedy, since: moment(since) };
}

/** How the gateway fares, ages in whole seconds. */
function healthOf({ source, version, hostID, hostName, now }: ApiContext) {
  const { status, model, revision } = source.current();
  const at = now();
  const { nginx, runtime, generation, troubles } = status;
  return {
    status: troubles.length === 0 ? 'ok' : 'degraded',
    version,
    hostId: hostID,
    hostName,
    revision,
    startedAt: moment(status.startedAt),
    uptimeSeconds: ageSeconds(status.startedAt, at),
    generation: { wanted: generation.wanted, served: generation.served ?? null },
    nginx: {
      running: nginx.isRunning,
      version: nginx.version ?? null,
      lua: nginx.hasLua,
      draining: nginx.draining,
      drainingSeconds: ageSeconds(nginx.drainingSince, at),
    },
    runtime: {
      via: runtime.via ?? null,
      reconciledSecondsAgo: ageSeconds(runtime.reconciledAt, at),
      eventSecondsAgo: ageSeconds(runtime.eventAt, at),
    },
    routes: model.routes.length,
    services: model.services.length,
    troubles: troubles.map(troubleOf),
  };
}

export function healthOk(): Response {
  return text('OK');
}

/** `OK` for probes, which ask for nothing in particular; all of it for `Accept: application/json`. */
export function apiHealth({ context, visit }: Call): Response {
  const asked = visit.request.headers.get('accept');
  const answer = accepts(asked, 'application/json') ? json(healthOf(context)) : text('OK');
  answer.headers.set('Vary', 'Accept');
  return answer;
}

/** Looks at the host at once, and tells what came of it. */
export async function reconcile({ context }: Call): Promise<Response> {
  try {
    await context.source.reconcile();
  } catch (cause) {
    const details = cause instanceof Error ? cause.message : String(cause);
    return problem(503, {
      error: 'cannot look at the host',
      details,
      remedy: 'see "troubles" of /api/health',
    });
  }
  const { revision, status } = context.source.current();
  const { wanted, served } = status.generation;
  return json({ success: true, revision, generation: { wanted, served: served ?? null } });
}
