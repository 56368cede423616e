import type { NginxPlaces } from '../places.ts';
import { pathArgument } from './grammar.ts';
import { block, fileOf } from './text.ts';

/*
 * What a browser gets when nginx, not the application, fails: flatnetd's page, which knows why. Every server includes these
 * files. A page of the application itself is never replaced: nginx does that only with proxy_intercept_errors.
 */

export const ERRORS = 'parts/errors.conf';
const ASK = 'parts/ask.conf';

const SILENT =
  'flatnetd, which knows what this gateway serves and why something is not reached, does not answer. ' +
  'On the host, ask: flatnet gateway status';

/**
 * nginx's own status, for a container that cannot be reached: of the last try, and 503 where there was none. One location
 * takes all three, because each location of each server takes nginx a quarter of a millisecond to load with Lua.
 */
export const STATUS = block('map $upstream_status $flatnet_status', [
  'default 502;',
  '"" 503;',
  '"~504$" 504;',
]);

/** What nginx says by itself; the status comes from the `error_page` that leads there. */
export const SILENCE = block('location @flatnet_silent', [
  'default_type "text/plain; charset=utf-8";',
  `return 200 "${SILENT}\\n";`,
]);

/** The method becomes GET and the body is left out: the question is about the container, not about what it was asked. */
const QUESTION = [
  'rewrite ^ /error-page? break;',
  'proxy_pass http://flatnet_api;',
  'proxy_http_version 1.1;',
  'proxy_method GET;',
  'proxy_pass_request_body off;',
  'proxy_connect_timeout 1s;',
  'proxy_read_timeout 5s;',
  'proxy_set_header Host $http_host;',
  'proxy_set_header X-Flatnet-Route $flatnet_route;',
  // The question is a GET; only a page that was asked for by GET may refresh itself.
  'proxy_set_header X-Flatnet-Method $request_method;',
  'proxy_set_header X-Flatnet-Status $flatnet_status;',
  'proxy_set_header X-Real-IP $remote_addr;',
  'proxy_set_header X-Forwarded-Proto $flatnet_proto;',
  'proxy_set_header X-Forwarded-Host $flatnet_host;',
  ...['Connection', 'Upgrade', 'Content-Length', 'Content-Type', 'Transfer-Encoding', 'Expect'].map(emptied),
  // The application's secrets, and its conditions.
  ...['Cookie', 'Authorization', 'Range', 'If-None-Match', 'If-Modified-Since'].map(emptied),
];

function emptied(header: string): string {
  return `proxy_set_header ${header} "";`;
}

/** By path below the root. */
export function renderErrorParts(places: NginxPlaces): ReadonlyMap<string, string> {
  const asking = block('location @flatnet_error', [
    'error_page 502 503 504 =503 @flatnet_silent;',
    `include ${pathArgument(`${places.root}${ASK}`)};`,
  ]);
  const page = ['error_page 502 503 504 = @flatnet_error;'];
  return new Map([
    [ERRORS, fileOf(page, asking, SILENCE)],
    [ASK, fileOf(QUESTION)],
  ]);
}
