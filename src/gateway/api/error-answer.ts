import { ERROR_STYLE_HASH } from '../page/assets.ts';
import { type ErrorView, errorPage } from '../page/error.ts';
import { type Headers, json, page, type Problem } from './answer.ts';
import { errorPolicy } from './security-headers.ts';
import type { Visit } from './visit.ts';

/** What an error has besides its page. */
export interface ErrorFields {
  /** Of the JSON: stable words for programs. */
  readonly fields: Problem;
  readonly headers?: Headers;
}

/** An error as a page for browsers and as JSON for all others; never to be kept by anybody. */
export function errorAnswer(visit: Visit, view: ErrorView, { fields, headers: more }: ErrorFields): Response {
  const { status, refresh } = view;
  const headers = { ...more, ...(refresh === undefined ? {} : { 'Retry-After': String(refresh) }) };
  if (visit.wantsHtml) {
    return page(errorPage(view, visit.language), status, {
      policy: errorPolicy(ERROR_STYLE_HASH),
      'Content-Language': visit.language,
      ...headers,
    });
  }
  const near = view.suggestions?.map(({ host }) => host);
  return json(
    { ...fields, message: view.title, ...(near === undefined ? {} : { suggestions: near }) },
    status,
    { Vary: 'Accept, Accept-Language', ...headers },
  );
}

/** nginx asks for the error page by GET, and tells what the visitor's method was. */
const METHOD = 'x-flatnet-method';

/** A request that may have changed something, had it arrived. */
export function isSending({ method, headers }: Request): boolean {
  const original = headers.get(METHOD) ?? method;
  return original !== 'GET' && original !== 'HEAD';
}
