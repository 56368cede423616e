import type { Backend, Display, Model, Route, RouteState, Service } from '../model.ts';
import { linkToRoute, type Way } from './link.ts';

/** A name that leads to a service. */
export interface NameView {
  readonly host: string;
  readonly href: string | undefined;
}

/** One route of a service, with what its own container has to do with it. */
export interface RouteView {
  readonly route: Route;
  readonly names: readonly NameView[];
  /** `undefined` if the model has none for this container. */
  readonly backend: Backend | undefined;
}

/** A service as the page shows it. */
export interface ServiceView {
  readonly service: Service;
  /** Of an element: unique and stable. */
  readonly key: string;
  readonly title: string;
  readonly display: Display;
  readonly state: RouteState;
  readonly isServed: boolean;
  readonly routes: readonly RouteView[];
  /** Lower case: what a search looks through. */
  readonly searchable: string;
}

export interface GroupView {
  /** `undefined` for those without one. */
  readonly name: string | undefined;
  readonly services: readonly ServiceView[];
}

export interface ListView {
  readonly groups: readonly GroupView[];
  readonly notServed: readonly ServiceView[];
  readonly counts: Readonly<Record<RouteState, number>>;
  readonly served: number;
}

function routeView(route: Route, service: Service, way: Way): RouteView {
  return {
    route,
    names: route.hosts.map((host) => ({ host, href: linkToRoute(way, route, host) })),
    backend: route.backends.find(({ containerID }) => containerID === service.container.id),
  };
}

function serviceView(service: Service, routes: ReadonlyMap<string, Route>, way: Way): ServiceView {
  const { container, display, state } = service;
  const views = service.routes.flatMap((id) => {
    const route = routes.get(id);
    return route === undefined ? [] : [routeView(route, service, way)];
  });
  const hosts = views.flatMap(({ names }) => names.map(({ host }) => host));
  const texts = [display.title, display.group, display.description, container.name, container.image];
  return {
    service,
    key: `c-${container.id.slice(0, 16)}`,
    title: display.title === '' ? container.name : display.title,
    display,
    state,
    isServed: views.length > 0,
    routes: views,
    searchable: [...texts, ...hosts, ...container.addresses].filter(Boolean).join(' ').toLowerCase(),
  };
}

/** Made once: making one takes longer than sorting a page. */
const ORDER = new Intl.Collator('en', { numeric: true });

function inOrder(left: ServiceView, right: ServiceView): number {
  return left.display.weight - right.display.weight || ORDER.compare(left.title, right.title);
}

/** Groups by name, those without one last. */
function grouped(services: readonly ServiceView[]): readonly GroupView[] {
  const byName = Map.groupBy(services, ({ display }) => display.group);
  return [...byName]
    .map(([name, members]) => ({ name, services: [...members].sort(inOrder) }))
    .sort((left, right) => {
      if (left.name === undefined || right.name === undefined) return left.name === undefined ? 1 : -1;
      return ORDER.compare(left.name, right.name);
    });
}

/** All words of a query, anywhere in what the service shows. */
export function matches({ searchable }: ServiceView, query: string): boolean {
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => searchable.includes(word));
}

/** What is to be shown of a model to somebody who came this way, and looks for `query`; an empty one is all. */
export function listView(model: Model, way: Way, query: string): ListView {
  const routes = new Map(model.routes.map((route) => [route.id, route]));
  const found = model.services
    .map((service) => serviceView(service, routes, way))
    .filter((view) => matches(view, query));
  const served = found.filter(({ isServed }) => isServed);
  const counts = { ready: 0, starting: 0, unhealthy: 0, paused: 0, stopped: 0 };
  for (const { state } of served) counts[state] += 1;
  return {
    groups: grouped(served),
    notServed: found.filter(({ isServed }) => !isServed).sort(inOrder),
    counts,
    served: served.length,
  };
}
