import type { Backend, Route } from '../model.ts';
import { json } from './answer.ts';
import type { Call } from './endpoint.ts';
import { moment } from './moments.ts';
import { wordsFor } from '../words/words.ts';

function backendOf({ container, containerID, address, port, state, since, exitCode }: Backend) {
  return {
    container,
    containerId: containerID,
    address,
    port,
    state,
    since: moment(since),
    exitCode: exitCode ?? null,
  };
}

export function routeOf(route: Route) {
  const { options, portReason } = route;
  return {
    id: route.id,
    hosts: route.hosts,
    path: route.path,
    state: route.state,
    options: { ...options, auth: options.auth ?? null },
    portReason: { ...portReason, text: wordsFor('en').portReason(portReason) },
    backends: route.backends.map(backendOf),
  };
}

export function listRoutes({ context }: Call): Response {
  return json(context.source.current().model.routes.map(routeOf));
}
