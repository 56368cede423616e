import { nearest } from '../../input/nearest.ts';
import type { Model } from '../model.ts';
import type { ErrorView } from '../page/error.ts';
import { linkTo } from '../page/link.ts';
import { PLACES } from '../settings.ts';
import type { ApiContext } from './context.ts';
import { errorAnswer, isSending } from './error-answer.ts';
import { homeLink } from './home.ts';
import { judgeRight } from './rights.ts';
import { sceneFor } from './scene-for.ts';
import type { Visit } from './visit.ts';

/** Most names that a page suggests. */
const MOST = 3;

/** Whether only this network can have given the name: not one that a site of the world could have led here. */
function isLocalName(name: string, model: Model, domain: string): boolean {
  const known = model.routes.flatMap(({ hosts }) => hosts);
  const parents = known
    .map((host) => host.slice(host.indexOf('.') + 1))
    .filter((parent) => parent.includes('.'));
  return !name.includes('.') || ['local', domain, ...parents].some((parent) => name.endsWith(`.${parent}`));
}

function nearestHosts(name: string, model: Model): readonly string[] {
  const left = new Set(model.routes.flatMap(({ hosts }) => hosts));
  const found: string[] = [];
  for (let count = 0; count < MOST; count += 1) {
    const next = nearest(name, [...left]);
    if (next === undefined) break;
    found.push(next);
    left.delete(next);
  }
  return found;
}

/** `gone`: nginx still had a route of that name. */
export type Unknown = 'unknown' | 'gone';

/** A name of one of our routes that nginx does not serve yet, or no longer. */
function settingUp(context: ApiContext, visit: Visit, host: string): Response {
  const { errors } = sceneFor(context, visit).texts;
  const view: ErrorView = {
    status: 503,
    title: errors.settingUp(host),
    lead: errors.settingUpLead,
    details: [],
    state: 'starting',
    refresh: 2,
    isLost: isSending(visit.request),
  };
  return errorAnswer(visit, view, { fields: { error: 'not ready', host } });
}

/** Tells nothing of this network: a page of another site may be asking. */
function foreign(context: ApiContext, visit: Visit, host: string): Response {
  const { errors } = sceneFor(context, visit).texts;
  const lead = `${errors.foreignHostLead} ${PLACES.settings}`;
  const view: ErrorView = { status: 421, title: errors.foreignHost(host), lead, details: [] };
  const remedy = `open it by an address of this host, or add "${host}" to "api.hosts" in ${PLACES.settings}`;
  return errorAnswer(visit, view, { fields: { error: 'host not allowed', host, remedy } });
}

/** The answer to a name that is neither ours nor a service's. */
export function unknownHost(context: ApiContext, visit: Visit, why: Unknown = 'unknown'): Response {
  const host = visit.host?.name;
  if (host === undefined) {
    const view = {
      status: 400,
      title: 'Bad Request',
      lead: 'The Host header is not a host name.',
      details: [],
    };
    return errorAnswer(visit, view, { fields: { error: 'invalid host' } });
  }
  const { model } = context.source.current();
  if (model.routes.some(({ hosts }) => hosts.includes(host))) return settingUp(context, visit, host);
  if (!isLocalName(host, model, context.settings.gateway.domain)) return foreign(context, visit, host);
  const scene = sceneFor(context, visit);
  const { errors } = scene.texts;
  const mayRead = judgeRight(context, visit, 'read') === undefined;
  const near = mayRead ? nearestHosts(host, model) : [];
  const view: ErrorView = {
    status: 404,
    title: errors[why](host),
    lead: why === 'gone' ? errors.goneLead : errors.unknownLead,
    details: [],
    suggestions: near.map((one) => ({ host: one, href: linkTo(scene.way, one) })),
    isLost: isSending(visit.request),
    home: mayRead ? homeLink(context, visit) : undefined,
  };
  return errorAnswer(visit, view, { fields: { error: 'no such host', host } });
}
