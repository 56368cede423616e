import type { ApiContext } from '../../src/gateway/api/context.ts';
import type { Backend, Container, Model, Route, RouteState, Service } from '../../src/gateway/model.ts';
import type { Settings } from '../../src/gateway/settings.ts';
import type { GatewayStatus, Snapshot, SnapshotSource } from '../../src/gateway/snapshot.ts';

/** 2026-12-01T06:00:00Z */
export const NOW = 1_796_104_800_000;

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
  api: {
    listen: [{ address: '*', port: 8080 }],
    read: ['10.0.0.0/8', '192.168.0.0/16', 'fd00::/8'],
    write: ['10.100.0.0/16'],
    hosts: [],
    tokenFile: '/etc/flatnet/token',
  },
  nginx: { program: 'auto', lua: 'auto' },
  podman: { socket: '/run/podman/podman.sock' },
};

/** What a test says of a service; everything else is filled in. */
export interface Spec {
  readonly name: string;
  readonly title?: string;
  readonly group?: string;
  readonly icon?: string;
  readonly description?: string;
  readonly state?: RouteState;
  /** Milliseconds before `NOW`. */
  readonly ago?: number;
  readonly exitCode?: number;
  readonly port?: number;
  readonly hosts?: readonly string[];
  readonly refusals?: Service['refusals'];
  readonly image?: string;
  readonly networks?: readonly string[];
}

export function containerOf(spec: Spec, index: number): Container {
  const isStopped = spec.state === 'stopped';
  return {
    id: (index + 1).toString(16).padStart(16, '0').padEnd(64, 'c0ffee'),
    name: spec.name,
    image: spec.image ?? `registry.local/${spec.name}:1`,
    labels: {},
    imageLabels: {},
    exposed: spec.port === undefined ? [] : [spec.port],
    networks: spec.networks ?? ['flatnet'],
    addresses: [`10.87.1.${index + 2}`],
    phase: isStopped ? 'stopped' : spec.state === 'paused' ? 'paused' : 'running',
    health: undefined,
    createdAt: NOW - 86_400_000,
    startedAt: NOW - 3_600_000,
    stoppedAt: isStopped ? NOW - (spec.ago ?? 180_000) : undefined,
    exitCode: spec.exitCode,
  };
}

function routeOf(spec: Spec, container: Container): Route {
  const { state = 'ready', hosts = [`${spec.name}.local`], port = 80, ago = 180_000 } = spec;
  const backend: Backend = {
    container: container.name,
    containerID: container.id,
    address: container.addresses[0]!,
    port,
    state,
    since: NOW - ago,
    exitCode: spec.exitCode,
  };
  return {
    id: spec.name,
    hosts,
    path: '/',
    options: {
      scheme: 'http',
      strip: false,
      bodyLimit: 0,
      timeout: 3_600,
      stream: false,
      access: [],
      auth: undefined,
    },
    backends: [backend],
    portReason: { by: 'only-web-port', exposed: [port] },
    state,
  };
}

/** A model of services; those with refusals have no route, unless they have a port. */
export function modelOf(specs: readonly Spec[]): Model {
  const parts = specs.map((spec, index) => {
    const container = containerOf(spec, index);
    const isServed = spec.refusals === undefined || spec.hosts !== undefined;
    const routes = isServed ? [routeOf(spec, container)] : [];
    const service: Service = {
      container,
      display: {
        title: spec.title ?? spec.name,
        group: spec.group,
        icon: spec.icon,
        description: spec.description,
        weight: 0,
      },
      state: spec.state ?? 'ready',
      since: NOW - (spec.ago ?? 180_000),
      routes: routes.map(({ id }) => id),
      refusals: spec.refusals ?? [],
    };
    return { service, routes };
  });
  return {
    routes: parts.flatMap(({ routes }) => routes),
    services: parts.map(({ service }) => service),
    addresses: parts.flatMap(({ service }) => service.container.addresses),
  };
}

export const STATUS: GatewayStatus = {
  startedAt: NOW - 600_000,
  runtime: { via: 'socket', reconciledAt: NOW - 5_000, eventAt: NOW - 2_000 },
  nginx: { isRunning: true, version: '1.22.1', hasLua: true, draining: 0, drainingSince: undefined },
  generation: { wanted: 7, served: 7 },
  troubles: [],
};

/** A source that a test changes, and that counts who listens. */
export interface TestSource extends SnapshotSource {
  publish(change: Partial<Snapshot>): void;
  readonly listeners: ReadonlySet<unknown>;
  reconciled: number;
}

export function sourceOf(model: Model, status: GatewayStatus = STATUS): TestSource {
  const listeners = new Set<(snapshot: Snapshot) => void>();
  let snapshot: Snapshot = { model, status, revision: 1 };
  return {
    current: () => snapshot,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async reconcile() {
      this.reconciled += 1;
    },
    publish: (change) => {
      snapshot = { ...snapshot, revision: snapshot.revision + 1, ...change };
      for (const listener of listeners) listener(snapshot);
    },
    listeners,
    reconciled: 0,
  };
}

export function contextOf(source: SnapshotSource, change: Partial<ApiContext> = {}): ApiContext {
  return {
    source,
    settings: SETTINGS,
    version: '0.1.0',
    hostID: '1',
    hostName: 'devbox',
    ownHosts: () => ['192.168.10.1', '10.87.1.1', 'devbox.lan'],
    token: () => undefined,
    now: () => NOW,
    ...change,
  };
}
