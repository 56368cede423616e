import { explainContainer, explainHost, type ExplainedRoute, type Explanation } from '../plan/explain.ts';
import { wordsFor } from '../words/words.ts';
import { json, problem } from './answer.ts';
import type { Call } from './endpoint.ts';
import { moment } from './moments.ts';

function routeOf(route: ExplainedRoute, words: ReturnType<typeof wordsFor>) {
  const { portReason, options, container, containerID, since, exitCode, ...others } = route;
  return {
    ...others,
    container,
    containerId: containerID,
    since: moment(since),
    exitCode: exitCode ?? null,
    portReason: { ...portReason, text: words.portReason(portReason) },
    options: { ...options, auth: options.auth ?? null },
  };
}

function containerOf({ service }: Explanation) {
  if (service === undefined) return null;
  const { container, state, since } = service;
  return {
    id: container.id,
    name: container.name,
    image: container.image,
    addresses: container.addresses,
    networks: container.networks,
    exposed: container.exposed,
    state,
    since: moment(since),
  };
}

/** `host=` as a browser would use it, or `name=` of a container. 404 with the nearest names for what nobody has. */
export function explain({ context, visit }: Call): Response {
  const { searchParams } = visit.url;
  const [host, name] = [searchParams.get('host'), searchParams.get('name')];
  if ((host ?? '') === '' && (name ?? '') === '')
    return problem(400, { error: 'host or name parameter required' });
  if (host !== null && name !== null) return problem(400, { error: 'host and name exclude each other' });
  const { model } = context.source.current();
  const explanation = host === null ? explainContainer(model, name ?? '') : explainHost(model, host);
  const words = wordsFor(visit.language);
  const { asked, kind, outcome, routes, refusals, claimants, suggestions } = explanation;
  const answer = {
    asked,
    kind,
    outcome,
    container: containerOf(explanation),
    routes: routes.map((route) => routeOf(route, words)),
    refusals: refusals.map((refusal) => ({ ...refusal, text: words.refusal(refusal) })),
    claimants,
    suggestions,
    text: words.explanation(explanation, context.now()),
  };
  const status = outcome === 'unknown' ? 404 : 200;
  return json(answer, status, { 'Content-Language': visit.language, Vary: 'Accept-Language' });
}
