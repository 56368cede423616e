import type { Backend, Route } from '../../model.ts';
import { isAtLeast } from '../features.ts';
import { endpoint, network, pathArgument } from './grammar.ts';
import { originHeaders, requestHeaders, type Way } from './headers.ts';
import { NO_KEEPALIVE_SINCE, type RenderInput } from './input.ts';
import { block } from './text.ts';

/**
 * The backends that nginx may try where it has no Lua and so no table. A container that stops or starts is not left out: its
 * state changes often, and each change would be a reload. Its connection is refused, which leads to the same page.
 */
function triedBackends({ backends }: Route): readonly Backend[] {
  const awake = backends.filter(({ state }) => state !== 'paused' && state !== 'unhealthy');
  const running = awake.filter(({ state }) => state !== 'stopped');
  return running.length > 0 ? running : awake;
}

/** A group for nginx to choose from. Connections are not kept: a container that closes an idle one would lose a POST. */
export function upstream(name: string, servers: readonly string[], input: RenderInput): readonly string[] {
  const { features } = input;
  return block(`upstream flatnet_${name}`, [
    ...servers.map((server) => `server ${server};`),
    ...(isAtLeast(features, NO_KEEPALIVE_SINCE) ? ['keepalive 0;'] : []),
  ]);
}

/** As `upstream`, with addresses from the table. Without a table the servers count, which are right when it is written. */
export function followedUpstream(
  name: string,
  servers: readonly string[],
  input: RenderInput,
): readonly string[] {
  const lines = upstream(name, servers, input);
  if (!input.features.hasLua) return lines;
  const balancer = '    balancer_by_lua_block { require("flatnet").balance() }';
  const place = 1 + servers.length;
  return [...lines.slice(0, place), balancer, ...lines.slice(place)];
}

/** The upstream of a route; empty if nginx is not to try any of its containers. */
export function routeUpstream(route: Route, input: RenderInput): readonly string[] {
  const tried = input.features.hasLua ? route.backends : triedBackends(route);
  if (tried.length === 0) return [];
  return followedUpstream(route.id, [...new Set(tried.map(endpoint))], input);
}

function access({ options }: Route, { settings }: RenderInput): readonly string[] {
  const networks = options.access.map((one) => `allow ${network(one)};`);
  const file = options.auth === undefined ? undefined : `${settings.gateway.passwords}/${options.auth}`;
  return [
    ...networks,
    ...(networks.length === 0 ? [] : ['deny all;']),
    ...(file === undefined ? [] : ['auth_basic "flatnet";', `auth_basic_user_file ${pathArgument(file)};`]),
  ];
}

const escaped = (path: string): string => path.replaceAll('.', '\\.');

function prefix({ path, options }: Pick<Route, 'path' | 'options'>, way: Way): readonly string[] {
  const header = `${way}_set_header X-Forwarded-Prefix`;
  if (!options.strip || path === '/') return [`${header} "";`];
  return [`rewrite "^${escaped(path)}(.*)$" "/$1" break;`, `${header} ${path.slice(0, -1)};`];
}

/** Limits and buffers, where they differ from those at the level of http. */
function limits({ options }: Route, way: Way): readonly string[] {
  const { bodyLimit, timeout, stream } = options;
  return [
    `client_max_body_size ${bodyLimit};`,
    `${way}_read_timeout ${timeout}s;`,
    `${way}_send_timeout ${timeout}s;`,
    ...(stream && way === 'proxy' ? ['proxy_buffering off;', 'proxy_request_buffering off;'] : []),
  ];
}

function pass({ id, options }: Route): readonly string[] {
  const name = `flatnet_${id}`;
  switch (options.scheme) {
    case 'http':
      return [`proxy_pass http://${name};`];
    case 'https':
      // Certificates of containers are their own; the name tells those that serve several.
      return [`proxy_pass https://${name};`, 'proxy_ssl_server_name on;', 'proxy_ssl_name $host;'];
    case 'h2c':
    case 'grpc':
      return [`grpc_pass grpc://${name};`];
  }
}

function headers({ options, path }: Route, way: Way, input: RenderInput): readonly string[] {
  const isLiteral = input.settings.gateway.literalHeaders && way === 'proxy';
  const own = way === 'proxy' ? requestHeaders(input.settings) : originHeaders(way);
  return [
    ...own,
    ...(isLiteral && (!options.strip || path === '/') ? [] : prefix({ options, path }, way)),
    // The container must not take the gateway's password for one of its own.
    ...(options.auth === undefined ? [] : [`${way}_set_header Authorization "";`]),
  ];
}

/**
 * The location of a route in the servers of its hosts. Its first line names the route, for the error page and for
 * `routeAt`.
 */
export function routeLocation(route: Route, input: RenderInput): readonly string[] {
  const { scheme } = route.options;
  const way: Way = scheme === 'http' || scheme === 'https' ? 'proxy' : 'grpc';
  const named = `set $flatnet_route ${route.id};`;
  if (routeUpstream(route, input).length === 0)
    return block(`location ${route.path}`, [named, 'return 503;']);
  return block(`location ${route.path}`, [
    named,
    ...access(route, input),
    ...(input.features.hasLua ? ['access_by_lua_block { require("flatnet").access(503) }'] : []),
    ...pass(route),
    ...headers(route, way, input),
    ...limits(route, way),
  ]);
}
