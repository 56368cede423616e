import { problem } from './answer.ts';

/** Characters of path and query. */
const URL_LIMIT = 2_048;
/** Bytes. Nothing here takes a body; some clients send an empty object. */
const BODY_LIMIT = 16_384;

/** The answer to a request that is larger than any we need; `undefined` otherwise. */
export function tooLarge(request: Request, url: URL): Response | undefined {
  if (url.pathname.length + url.search.length > URL_LIMIT) {
    return problem(414, { error: 'address too long', details: `more than ${URL_LIMIT} characters` });
  }
  const length = request.headers.get('content-length');
  const isChunked = request.headers.has('transfer-encoding');
  if (isChunked || (length !== null && !(Number(length) <= BODY_LIMIT))) {
    return problem(413, {
      error: 'body too large',
      details: isChunked ? 'a body needs a Content-Length' : `more than ${BODY_LIMIT} bytes`,
    });
  }
  return undefined;
}
