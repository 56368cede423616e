import { Hono } from 'hono';
import type { ApiContext, Door } from './context.ts';
import type { Endpoint } from './endpoint.ts';
import { ENDPOINTS } from './endpoints.ts';
import { isHome } from './home.ts';
import { isOwnHost } from './host-header.ts';
import { tooLarge } from './limits.ts';
import { crossSite, noSuchPath, refusal, wrongMethod } from './refusals.ts';
import { isCrossSite, judgeRight } from './rights.ts';
import { routeError } from './route-error.ts';
import { secured } from './security-headers.ts';
import { problem } from './answer.ts';
import { createStreams, type Streams } from './streams.ts';
import { unknownHost } from './unknown-host.ts';
import { type Visit, visitOf } from './visit.ts';

/** The API and the page behind one door. */
export interface Api {
  /** @param peer the address of the other end of the connection; nothing for a unix socket. */
  readonly fetch: (request: Request, peer?: string) => Promise<Response>;
  /** Ends the open event streams and takes no further ones. */
  readonly close: () => void;
}

/** What a request brings along. */
interface Env {
  Bindings: { readonly visit: Visit };
}

/** How nginx asks for an error page; on a Windows host it does so at the TCP port. */
const ERROR_PAGE = '/error-page';

/** Who came by the name of a service: at nginx's door that is a site which nginx does not have yet. */
function mayEnter(context: ApiContext, visit: Visit): boolean {
  if (isHome(context, visit)) return true;
  if (visit.door !== 'lan' || visit.host === undefined) return false;
  const { routes } = context.source.current().model;
  return isOwnHost(
    visit.host,
    routes.flatMap(({ hosts }) => hosts),
  );
}

function register(
  app: Hono<Env>,
  endpoint: Endpoint,
  { context, streams }: { context: ApiContext; streams: Streams },
) {
  const path = endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1');
  app.on(endpoint.method, path, (c) => {
    const { visit } = c.env;
    const verdict = judgeRight(context, visit, endpoint.right);
    if (verdict !== undefined) return refusal(visit, verdict);
    if (endpoint.right === 'write' && isCrossSite(visit)) return crossSite();
    return endpoint.answer({ context, visit, streams, params: c.req.param() });
  });
}

/** Every path once, with a 405 for the methods it does not have. */
function registerOthers(app: Hono<Env>): void {
  for (const [path, endpoints] of Map.groupBy(ENDPOINTS, (endpoint) => endpoint.path)) {
    const allowed = endpoints.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    app.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), (c) => wrongMethod(c.env.visit, allowed));
  }
}

/** Host first: nothing is said to a name that is not ours. */
function guard(context: ApiContext, visit: Visit): Response | undefined {
  const large = tooLarge(visit.request, visit.url);
  if (large !== undefined) return large;
  const takesAny = ENDPOINTS.some(({ anyHost, path }) => anyHost === true && path === visit.url.pathname);
  return takesAny || mayEnter(context, visit) ? undefined : unknownHost(context, visit);
}

/**
 * Page and API for requests that come in by one door; what is done and shown is the same at each, who is believed to be asking is
 * not. The answers are complete: security headers, errors as JSON or page, HEAD.
 */
export function createApi(context: ApiContext, door: Door): Api {
  const streams = createStreams();
  const app = new Hono<Env>();
  for (const endpoint of ENDPOINTS) register(app, endpoint, { context, streams });
  registerOthers(app);
  app.notFound((c) => noSuchPath(c.env.visit));
  app.onError((error) => {
    context.onFault?.(error);
    return problem(500, { error: 'internal error', remedy: "see flatnetd's log" });
  });
  const answer = async (request: Request, visit: Visit): Promise<Response> => {
    if (visit.url.pathname === ERROR_PAGE && door !== 'own') return routeError(context, visit);
    return guard(context, visit) ?? (await app.fetch(request, { visit }));
  };
  return {
    fetch: async (request, peer) => {
      const response = secured(await answer(request, visitOf(door, request, peer)));
      return request.method === 'HEAD' ? new Response(null, response) : response;
    },
    close: streams.close,
  };
}
