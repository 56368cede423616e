import type { Backend, Model, Route, RouteOptions } from '../../../src/gateway/model.ts';
import type { Features } from '../../../src/gateway/nginx/features.ts';
import { DIRECTORIES, placesIn } from '../../../src/gateway/nginx/places.ts';
import type { RenderInput } from '../../../src/gateway/nginx/render/input.ts';
import type { Settings } from '../../../src/gateway/settings.ts';

/*
 * Models as the planner makes them, and what else a configuration is rendered from.
 */

const OPTIONS: RouteOptions = {
  scheme: 'http',
  strip: false,
  bodyLimit: 0,
  timeout: 3_600,
  stream: false,
  access: [],
  auth: undefined,
};

export function backend(address: string, port: number, more: Partial<Backend> = {}): Backend {
  return {
    container: 'forgejo',
    containerID: 'a'.repeat(64),
    address,
    port,
    state: 'ready',
    since: 0,
    exitCode: undefined,
    ...more,
  };
}

type RouteParts = Partial<Omit<Route, 'options'>> & { readonly options?: Partial<RouteOptions> };

/** A route with the hosts that the planner gives a container, at `10.87.1.2:3000` unless told otherwise. */
export function route(id: string, { options, ...parts }: RouteParts = {}): Route {
  const backends = parts.backends ?? [backend('10.87.1.2', 3_000, { container: id })];
  return {
    id,
    hosts: [`${id}.local`, `${id}.flatnet.local`],
    path: '/',
    portReason: { by: 'label', label: 'flatnet.port' },
    state: backends[0]?.state ?? 'stopped',
    ...parts,
    backends,
    options: { ...OPTIONS, ...options },
  };
}

export function model(routes: readonly Route[], addresses: readonly string[] = []): Model {
  return { routes, services: [], addresses };
}

export const SETTINGS: Settings = {
  gateway: {
    listen: [{ address: '*', port: 80 }],
    domain: 'flatnet.local',
    expose: 'all',
    foreignLabels: [],
    trustedProxies: [],
    literalHeaders: false,
    passwords: '/etc/flatnet/passwords',
  },
  api: { listen: [{ address: '*', port: 8080 }], read: [], write: [], hosts: [], tokenFile: '' },
  nginx: { program: 'auto', lua: 'auto' },
  podman: { socket: '/run/podman/podman.sock' },
};

/** Settings that differ in how the gateway behaves. */
export function withGateway(gateway: Partial<Settings['gateway']>): Settings {
  return { ...SETTINGS, gateway: { ...SETTINGS.gateway, ...gateway } };
}

export const DEBIAN_12: Features = {
  program: '/usr/sbin/nginx',
  version: '1.22.1',
  modules: [],
  hasLua: false,
  hasIPv6: true,
  user: 'www-data',
};

export const WITH_LUA: Features = {
  ...DEBIAN_12,
  modules: ['modules/ndk_http_module.so', 'modules/ngx_http_lua_module.so'],
  hasLua: true,
};

export function inputOf(parts: Partial<RenderInput> = {}): RenderInput {
  return {
    settings: SETTINGS,
    features: DEBIAN_12,
    generation: 7,
    places: placesIn(DIRECTORIES),
    tls: undefined,
    ...parts,
  };
}
