import type { Model } from '../model.ts';
import type { ErrorView } from '../page/error.ts';
import { linkTo } from '../page/link.ts';
import { explainHost } from '../plan/explain.ts';
import type { Explanation } from '../plan/explain.ts';
import { PLACES } from '../settings.ts';
import type { ApiContext } from './context.ts';
import { errorAnswer, isSending } from './error-answer.ts';
import { homeLink } from './home.ts';
import { judgeRight } from './rights.ts';
import { sceneFor } from './scene-for.ts';
import type { Visit } from './visit.ts';

/** `gone`: nginx still had a route of that name. */
export type Unknown = 'unknown' | 'gone';

/** Whether only this network can have given the name: not one that a site of the world could have led here. */
function isLocalName(name: string, model: Model, domain: string): boolean {
  const known = model.routes.flatMap(({ hosts }) => hosts);
  const parents = known
    .map((host) => host.slice(host.indexOf('.') + 1))
    .filter((parent) => parent.includes('.'));
  return !name.includes('.') || ['local', domain, ...parents].some((parent) => name.endsWith(`.${parent}`));
}

type Told = Pick<ErrorView, 'status' | 'title' | 'lead'> & Partial<ErrorView> & { readonly error: string };

/** A name of one of our routes that nginx does not serve yet, or that spells an address where nothing answers. */
function tellServed(
  { outcome }: Explanation,
  host: string,
  context: { errors: Errors; failed: string | null },
): Told {
  const { errors, failed } = context;
  if (outcome === 'served') {
    const told = { title: errors.settingUp(host), lead: errors.settingUpLead, error: 'not ready' };
    return { ...told, status: 503, state: 'starting', refresh: 2 };
  }
  const isLate = failed === '504';
  const title = isLate ? errors.timeout(host) : errors.unreachable(host);
  const lead = isLate ? errors.timeoutLead : errors.unreachableLead;
  return {
    status: isLate ? 504 : 502,
    title,
    lead,
    error: isLate ? 'timeout' : 'unreachable',
    state: 'ready',
  };
}

type Errors = ReturnType<typeof sceneFor>['texts']['errors'];

/** Tells nothing of this network: a page of another site may be asking. */
function tellForeign(host: string, errors: Errors): Told {
  const lead = `${errors.foreignHostLead} ${PLACES.settings}`;
  return { status: 421, title: errors.foreignHost(host), lead, error: 'host not allowed' };
}

/** To somebody who may not read the page, without names and reasons. */
function tellLittle(host: string, errors: Errors): Told {
  return { status: 404, title: errors.unknown(host), lead: errors.unknownLead, error: 'no such host' };
}

function tellAll(
  context: ApiContext,
  visit: Visit,
  { explanation, why }: { explanation: Explanation; why: Unknown },
): Told {
  const { texts, words, way, now } = sceneFor(context, visit);
  const { errors } = texts;
  const { asked, outcome, suggestions } = explanation;
  const home = homeLink(context, visit);
  if (outcome === 'not-served') {
    const [lead = '', ...details] = words.explanation(explanation, now);
    const title = errors.notServed(asked);
    return { status: 404, title, lead, details, error: 'not served', home };
  }
  return {
    status: 404,
    title: errors[why](asked),
    lead: why === 'gone' ? errors.goneLead : errors.unknownLead,
    suggestions: suggestions.map((host) => ({ host, href: linkTo(way, host) })),
    error: 'no such host',
    home,
  };
}

function tell(context: ApiContext, visit: Visit, { host, why }: { host: string; why: Unknown }): Told {
  const { model } = context.source.current();
  const { errors } = sceneFor(context, visit).texts;
  if (!isLocalName(host, model, context.settings.gateway.domain)) return tellForeign(host, errors);
  const explanation = explainHost(model, host);
  const { outcome } = explanation;
  if (outcome === 'served' || outcome === 'address') {
    return tellServed(explanation, host, { errors, failed: visit.request.headers.get('x-flatnet-status') });
  }
  if (judgeRight(context, visit, 'read') !== undefined) return tellLittle(host, errors);
  return tellAll(context, visit, { explanation, why });
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
  const { error, ...told } = tell(context, visit, { host, why });
  const view = { details: [], isLost: isSending(visit.request), ...told };
  const remedy =
    told.status === 421
      ? {
          remedy: `open it by an address of this host, or add "${host}" to "api.hosts" in ${PLACES.settings}`,
        }
      : {};
  return errorAnswer(visit, view, { fields: { error, host, ...remedy } });
}
