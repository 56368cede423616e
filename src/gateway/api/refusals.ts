import { textsFor } from '../page/texts/for.ts';
import { problem, type Problem } from './answer.ts';
import { errorAnswer } from './error-answer.ts';
import type { Verdict } from './rights.ts';
import type { Visit } from './visit.ts';

/** Paths for programs: an error there is JSON, whatever the client says it takes. */
export function isApiPath({ url }: Visit): boolean {
  return url.pathname === '/api' || url.pathname.startsWith('/api/');
}

export function noSuchPath(visit: Visit): Response {
  const fields = { error: 'not found', path: visit.url.pathname };
  if (isApiPath(visit)) return problem(404, fields);
  const { errors } = textsFor(visit.language);
  const view = { status: 404, title: errors.noPath, lead: errors.noPathLead, details: [], home: '/' };
  return errorAnswer(visit, view, { fields });
}

/** In the words of the first gateway. @param allowed methods, HEAD among them where GET is. */
export function wrongMethod(visit: Visit, allowed: readonly string[]): Response {
  const { method } = visit.request;
  return problem(405, { error: 'method not allowed', method, allowed }, { Allow: allowed.join(', ') });
}

export function refusal(visit: Visit, { status, problem: why }: NonNullable<Verdict>): Response {
  const headers: Record<string, string> =
    status === 401 ? { 'WWW-Authenticate': 'Bearer realm="flatnet"' } : {};
  if (isApiPath(visit)) return problem(status, why, headers);
  const { errors } = textsFor(visit.language);
  const view = { status, title: errors.forbidden, lead: why.details ?? why.error, details: textsIn(why) };
  return errorAnswer(visit, view, { fields: why, headers });
}

function textsIn({ remedy }: Problem): readonly string[] {
  return remedy === undefined ? [] : [remedy];
}

export function crossSite(): Response {
  return problem(403, {
    error: 'cross-site request',
    details: 'a page of another site sent this',
    remedy: 'send it from a program, without the headers Origin and Sec-Fetch-Site',
  });
}
