import type { Model } from '../../model.ts';
import { isAtLeast } from '../features.ts';
import { addressServer, countAddressNames } from './addresses.ts';
import { SILENCE, STATUS } from './errors.ts';
import { checked, pathArgument } from './grammar.ts';
import { headerVariables } from './headers.ts';
import { namesOf } from './hosts.ts';
import type { RenderInput } from './input.ts';
import { upstream } from './route.ts';
import { API, include, LISTEN_DEFAULT } from './server.ts';
import { block, fileOf } from './text.ts';

const ENDPOINT = /^(?:unix:[A-Za-z0-9_./-]+|(?:[0-9.]+|\[[0-9a-f:]+\]):[0-9]+)$/;
const isEndpoint = (text: string): boolean => ENDPOINT.test(text);

/** The power of two from which up a value fits. */
function atLeast(value: number, least: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(value, least)));
}

/** nginx does not start if a name is too long for its table; if they are too many it is only slow (certbot#4132). */
function tables(model: Model, input: RenderInput): readonly string[] {
  const names = namesOf(model);
  const count = names.length + countAddressNames(model, input);
  const longest = Math.max(0, ...names.map(({ length }) => length));
  const bucket = atLeast(longest + 32, 128);
  const size = atLeast(4 * count, 1024);
  return [
    `server_names_hash_bucket_size ${bucket};`,
    `server_names_hash_max_size ${size};`,
    'map_hash_bucket_size 128;',
    `map_hash_max_size ${atLeast(4 * countAddressNames(model, input), 2048)};`,
    'variables_hash_max_size 2048;',
    'proxy_headers_hash_max_size 1024;',
    'proxy_headers_hash_bucket_size 128;',
  ];
}

/** Idle connections of browsers outlive a reload only since that version (gateway.md §0.1). */
const GRACEFUL_SINCE = '1.27.4';

function behaviour({ features }: RenderInput): readonly string[] {
  return [
    'server_tokens off;',
    'absolute_redirect off;',
    // The page of an error may fail in its turn.
    'recursive_error_pages on;',
    'tcp_nodelay on;',
    'keepalive_timeout 75s;',
    ...(isAtLeast(features, GRACEFUL_SINCE) ? ['keepalive_min_timeout 5s;'] : []),
    // A container answers a connection at once, or is not there.
    'proxy_connect_timeout 3s;',
    'proxy_read_timeout 1h;',
    'proxy_send_timeout 1h;',
    'grpc_connect_timeout 3s;',
    'proxy_next_upstream error timeout;',
    'proxy_next_upstream_timeout 10s;',
    // Applications set cookies of several kilobytes.
    'proxy_buffer_size 16k;',
    'proxy_buffers 8 16k;',
    'proxy_busy_buffers_size 32k;',
  ];
}

function lua({ features, places }: RenderInput): readonly string[] {
  if (!features.hasLua) return [];
  return [
    `lua_package_path "${pathArgument(places.lua).replaceAll('"', '')}/?.lua;;";`,
    `init_worker_by_lua_block { require("flatnet").start("${pathArgument(places.table).replaceAll('"', '')}") }`,
  ];
}

function certificate({ tls }: RenderInput): readonly string[] {
  if (tls === undefined) return [];
  return [
    `ssl_certificate ${pathArgument(tls.certificate)};`,
    `ssl_certificate_key ${pathArgument(tls.key)};`,
    'ssl_protocols TLSv1.2 TLSv1.3;',
    'ssl_session_cache shared:flatnet_tls:1m;',
  ];
}

/** What is asked for by an address, an unknown name or localhost. */
function defaultServer(input: RenderInput): readonly string[] {
  return block('server', [
    include(LISTEN_DEFAULT, input),
    'server_name _;',
    ...block('location = /health', ['access_log off;', 'default_type text/plain;', 'return 200 "OK";']),
    ...block('location /', [include(API, input)]),
    ...SILENCE,
  ]);
}

/** Tells which configuration is in force: an exit code of `nginx -s reload` does not (gateway.md §0.2). */
function proofServer({ places, generation }: RenderInput): readonly string[] {
  return block('server', [
    `listen ${checked('the address', places.proof, isEndpoint)};`,
    'access_log off;',
    'default_type text/plain;',
    ...block('location = /generation', [`return 200 "${generation}";`]),
    ...block('location /', ['return 404;']),
  ]);
}

/** `flatnet.conf`: everything at the level of http, and the servers that belong to no route. */
export function renderSite(model: Model, input: RenderInput): string {
  const api = checked('the address', input.places.api, isEndpoint);
  return fileOf(
    ['# Written by flatnetd, which replaces it.'],
    [...tables(model, input), ...behaviour(input)],
    [...lua(input), ...certificate(input)],
    [...STATUS, ...headerVariables(input.settings)],
    upstream('api', [api], input),
    defaultServer(input),
    addressServer(model, input),
    proofServer(input),
  );
}

/** How a request reaches flatnetd as it came. */
export function renderApiPart(): string {
  return fileOf([
    'error_page 502 504 =502 @flatnet_silent;',
    'proxy_pass http://flatnet_api;',
    'proxy_http_version 1.1;',
    'proxy_set_header Host $http_host;',
    'proxy_set_header X-Real-IP $remote_addr;',
    'proxy_set_header X-Forwarded-For $flatnet_for;',
    'proxy_set_header X-Forwarded-Proto $flatnet_proto;',
    'proxy_set_header X-Forwarded-Host $flatnet_host;',
    'proxy_set_header X-Forwarded-Port $flatnet_port;',
    'proxy_set_header Connection "";',
    'proxy_set_header Upgrade "";',
  ]);
}
