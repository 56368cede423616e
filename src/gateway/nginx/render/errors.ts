import type { NginxPlaces } from '../places.ts';
import { pathArgument } from './grammar.ts';
import { block, fileOf } from './text.ts';

/*
 * What a browser gets when nginx, not the application, fails: flatnetd's page, which knows why. Every server includes these
 * files. A page of the application itself is never replaced: nginx does that only with proxy_intercept_errors.
 */

export const ERRORS = 'parts/errors.conf';
const ASK = 'parts/ask.conf';

/** nginx's own, for a container that cannot be reached. */
const STATUSES = [502, 503, 504] as const;

const SILENT =
  'The gateway cannot reach the container, and flatnetd, which would say why, does not answer. ' +
  'On the host, ask: flatnet gateway status';

export const API_SILENT =
  'flatnetd, which knows what this gateway serves, does not answer. On the host, ask: flatnet gateway status';

/** A text that nginx has by itself; a status comes from the `error_page` that leads there. */
export function silence(name: string, text: string): readonly string[] {
  return block(`location ${name}`, ['default_type "text/plain; charset=utf-8";', `return 200 "${text}\\n";`]);
}

function asking(status: number, places: NginxPlaces): readonly string[] {
  return block(`location @flatnet_${status}`, [
    `set $flatnet_status ${status};`,
    `error_page 502 503 504 =${status} @flatnet_silent;`,
    `include ${pathArgument(`${places.root}${ASK}`)};`,
  ]);
}

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
  const pages = STATUSES.map((status) => `error_page ${status} = @flatnet_${status};`);
  return new Map([
    [
      ERRORS,
      fileOf(
        pages,
        ...STATUSES.map((status) => asking(status, places)),
        silence('@flatnet_silent', SILENT),
        silence('@flatnet_api_silent', API_SILENT),
      ),
    ],
    [ASK, fileOf(QUESTION)],
  ]);
}
