import type { Backend, Route, RouteState } from '../model.ts';
import type { ErrorTexts } from '../page/texts/texts.ts';
import type { ErrorView } from '../page/error.ts';
import type { Scene } from '../page/scene.ts';
import type { ApiContext } from './context.ts';
import { errorAnswer, isSending } from './error-answer.ts';
import { homeLink } from './home.ts';
import { moment } from './moments.ts';
import { judgeRight } from './rights.ts';
import { sceneFor } from './scene-for.ts';
import { unknownHost } from './unknown-host.ts';
import type { Visit } from './visit.ts';

/** What happened, told apart by what the visitor can do about it. */
type Kind = Exclude<RouteState, 'ready'> | 'unreachable' | 'timeout';

/** The status of each, and seconds until it is worth to try again. */
const ANSWERS: Readonly<Record<Kind, { readonly status: number; readonly retry: number | undefined }>> = {
  starting: { status: 503, retry: 2 },
  unhealthy: { status: 503, retry: 5 },
  paused: { status: 503, retry: 10 },
  stopped: { status: 503, retry: 10 },
  unreachable: { status: 502, retry: 3 },
  // A request that took too long would take as long again.
  timeout: { status: 504, retry: undefined },
};

/** What shows more, or puts it right. */
const COMMANDS: Readonly<Record<Kind, string>> = {
  starting: 'podman logs',
  unhealthy: 'podman logs',
  paused: 'podman unpause',
  stopped: 'podman start',
  unreachable: 'podman logs',
  timeout: 'podman logs',
};

const PODMAN_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

const LEADS: Readonly<Record<Kind, (texts: ErrorTexts) => string>> = {
  starting: ({ startingLead }) => startingLead,
  unhealthy: ({ unhealthyLead }) => unhealthyLead,
  paused: ({ pausedLead }) => pausedLead,
  stopped: ({ stoppedLead }) => stoppedLead,
  unreachable: ({ unreachableLead }) => unreachableLead,
  timeout: ({ timeoutLead }) => timeoutLead,
};

/** @param failed the status that nginx would have sent by itself. */
function kindOf({ state }: Route, failed: string | null): Kind {
  if (state !== 'ready') return state;
  return failed === '504' ? 'timeout' : 'unreachable';
}

/** The first of the backends that are in the best state, which is the route's. */
function toldBackend({ backends, state }: Route): Backend | undefined {
  return backends.find((backend) => backend.state === state) ?? backends[0];
}

function detailsOf(route: Route, { words, now }: Scene, mayRead: boolean): readonly string[] {
  const backend = toldBackend(route);
  if (backend === undefined) return [];
  const { state, since, exitCode, address, port } = backend;
  const where = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const reason = `${where} (${words.portReason(route.portReason)})`;
  return [words.state(state, { since, now, exitCode }), ...(mayRead ? [reason] : [])];
}

function viewOf(context: ApiContext, visit: Visit, route: Route): { view: ErrorView; kind: Kind } {
  const scene = sceneFor(context, visit);
  const { errors } = scene.texts;
  const kind = kindOf(route, visit.request.headers.get('x-flatnet-status'));
  const backend = toldBackend(route);
  const service = context.source
    .current()
    .model.services.find(({ container }) => container.id === backend?.containerID);
  const name = backend?.container ?? route.id;
  const mayRead = judgeRight(context, visit, 'read') === undefined;
  const { status, retry } = ANSWERS[kind];
  const view = {
    status,
    title: errors[kind](service?.display.title || name),
    lead: LEADS[kind](errors),
    details: detailsOf(route, scene, mayRead),
    state: route.state,
    command: mayRead && PODMAN_NAME.test(name) ? errors.remedy(`${COMMANDS[kind]} ${name}`) : undefined,
    refresh: retry,
    isLost: isSending(visit.request) && kind !== 'timeout',
    home: mayRead ? homeLink(context, visit) : undefined,
  };
  return { view, kind };
}

/**
 * What nginx sends instead of its own 502, 503 or 504: it asks for the route of X-Flatnet-Route, with X-Flatnet-Status. Whoever
 * may open the service may read this; addresses and commands are for those who may read the page.
 */
export function routeError(context: ApiContext, visit: Visit): Response {
  const id = visit.request.headers.get('x-flatnet-route');
  const { model } = context.source.current();
  const route = model.routes.find((one) => one.id === id);
  if (route === undefined) return unknownHost(context, visit, 'gone');
  const { view, kind } = viewOf(context, visit, route);
  const backend = toldBackend(route);
  const fields = {
    error: kind,
    host: visit.host?.name ?? null,
    route: route.id,
    state: route.state,
    since: moment(backend?.since),
    exitCode: backend?.exitCode ?? null,
  };
  return errorAnswer(visit, view, { fields });
}
