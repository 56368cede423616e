import { hostPort } from '../../input/host-port.ts';
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

/** A name that can be pasted behind a command. */
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

/** For whoever may read the page: where the request went, and what to do. */
function insideOf(backend: Backend, { portReason }: Route, { words }: Scene): readonly string[] {
  const { address, port, state, container } = backend;
  const advice = PODMAN_NAME.test(container) ? words.advice(state, container) : undefined;
  return [
    `${hostPort(address, port)}: ${words.portReason(portReason)}`,
    ...(advice === undefined ? [] : [advice]),
  ];
}

function viewOf(context: ApiContext, visit: Visit, { route, kind }: { route: Route; kind: Kind }): ErrorView {
  const scene = sceneFor(context, visit);
  const { errors } = scene.texts;
  const backend = toldBackend(route);
  const { services } = context.source.current().model;
  const service = services.find(({ container }) => container.id === backend?.containerID);
  const mayRead = judgeRight(context, visit, 'read') === undefined;
  const { status, retry } = ANSWERS[kind];
  return {
    status,
    title: errors[kind](service?.display.title || (backend?.container ?? route.id)),
    lead: LEADS[kind](errors),
    details:
      backend === undefined
        ? []
        : [
            scene.words.state(backend.state, { ...backend, now: scene.now }),
            ...(mayRead ? insideOf(backend, route, scene) : []),
          ],
    state: route.state,
    refresh: retry,
    isLost: isSending(visit.request) && kind !== 'timeout',
    home: mayRead ? homeLink(context, visit) : undefined,
  };
}

/**
 * What nginx sends instead of its own 502, 503 or 504: it asks for the route of X-Flatnet-Route, with X-Flatnet-Status. Whoever
 * may open the service may read this; addresses and commands are for those who may read the page.
 */
export function routeError(context: ApiContext, visit: Visit): Response {
  const id = visit.request.headers.get('x-flatnet-route');
  const { model } = context.source.current();
  const host = visit.host?.name;
  // Any client could send the header: it counts together with a name that leads to the route.
  const route = model.routes.find((one) => one.id === id && host !== undefined && one.hosts.includes(host));
  if (route === undefined) return unknownHost(context, visit, 'gone');
  const kind = kindOf(route, visit.request.headers.get('x-flatnet-status'));
  if (kind === 'unreachable') context.onUnreachable?.(route.id);
  const view = viewOf(context, visit, { route, kind });
  const backend = toldBackend(route);
  const fields = {
    error: kind,
    host: host ?? null,
    route: route.id,
    state: route.state,
    since: moment(backend?.since),
    exitCode: backend?.exitCode ?? null,
  };
  return errorAnswer(visit, view, { fields });
}
