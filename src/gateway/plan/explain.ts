import { nearest } from '../../input/nearest.ts';
import type { Backend, Model, PortReason, Refusal, Route, RouteOptions, Service } from '../model.ts';
import { HOSTS } from './grammar.ts';
import { hostLabelOf } from './host-names.ts';

/** One way from a name to a container. */
export interface ExplainedRoute extends Backend {
  /** ID of the route. */
  readonly route: string;
  readonly hosts: readonly string[];
  readonly path: string;
  readonly portReason: PortReason;
  readonly options: RouteOptions;
}

/** What is known of a host or a container, and why it is so. */
export interface Explanation {
  /** As it was asked for, a host without port and in lower case. */
  readonly asked: string;
  readonly kind: 'host' | 'container';
  /**
   * `served` by the routes; by its `address`, on port 80; `not-served`, for the reasons in `refusals`; `unknown`: no
   * container has to do with it.
   */
  readonly outcome: 'served' | 'address' | 'not-served' | 'unknown';
  /** Of several behind a route, the oldest. */
  readonly service: Service | undefined;
  readonly routes: readonly ExplainedRoute[];
  readonly refusals: readonly Refusal[];
  /** Other containers that wanted the host and did not get it. */
  readonly claimants: readonly string[];
  /** The nearest names, the likeliest first. */
  readonly suggestions: readonly string[];
}

function explainRoute(route: Route): readonly ExplainedRoute[] {
  const { id, hosts, path, portReason, options } = route;
  return route.backends.map((backend) => ({ ...backend, route: id, hosts, path, portReason, options }));
}

const SUGGESTIONS_LIMIT = 3;
/** Anybody may ask for any name, and to compare two takes a while: only the likeliest are compared in full. */
const COMPARED_LIMIT = 50;

/** How many letters two names share at both ends: a slip of the finger leaves most of them. */
function sharedEnds(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let front = 0;
  while (front < most && one[front] === other[front]) front += 1;
  let back = 0;
  while (back < most - front && one.at(-1 - back) === other.at(-1 - back)) back += 1;
  return front + back;
}

function nearestNames(word: string, known: readonly string[]): readonly string[] {
  const reach = Math.max(2, word.length / 3);
  let left: readonly string[] = known
    .filter((name) => Math.abs(name.length - word.length) <= reach)
    .map((name) => ({ name, shared: sharedEnds(word, name) }))
    .sort((one, other) => other.shared - one.shared)
    .slice(0, COMPARED_LIMIT)
    .map(({ name }) => name);
  const found: string[] = [];
  while (found.length < SUGGESTIONS_LIMIT) {
    const next = nearest(word, left);
    if (next === undefined) break;
    found.push(next);
    left = left.filter((name) => name !== next);
  }
  return found;
}

/** Other names of the container that is meant, then names that are spelt alike. */
function suggestHosts({ routes }: Model, asked: string): readonly string[] {
  const [name = ''] = asked.split('.');
  const known = routes.flatMap(({ hosts }) => hosts);
  const elsewhere = new Set(known.filter((one) => one.split('.')[0] === name));
  // One name of several that begin alike is enough: NAME.local comes before NAME.DOMAIN.
  const byName = new Map(known.toReversed().map((one) => [one.split('.')[0], one]));
  const found = elsewhere.size > 0 ? [...elsewhere] : nearestNames(asked, [...byName.values()]);
  return found.slice(0, SUGGESTIONS_LIMIT);
}

/** `Forgejo.Local.:8080` is `forgejo.local`. */
function normalize(host: string): string {
  return host
    .slice(0, 300)
    .toLowerCase()
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '');
}

const ADDRESS_HOST = /^(\d{1,3})([.-])(\d{1,3})\2(\d{1,3})\2(\d{1,3})\./;

/** The address that a host spells: `10.87.1.2.flatnet.local` or `10-87-1-2.flatnet.local`. */
function addressIn(host: string): string | undefined {
  const [, first, , second, third, fourth] = ADDRESS_HOST.exec(host) ?? [];
  return first === undefined ? undefined : [first, second, third, fourth].join('.');
}

/** Whether the labels of a container ask for the host, in vain or not. */
function asksFor(host: string, { container: { labels } }: Service): boolean {
  return Object.entries(labels).some(
    ([label, value]) =>
      /^flatnet\.([^.]+\.)?host$/.test(label) && HOSTS.parse(value)?.includes(host) === true,
  );
}

type Found = Pick<Explanation, 'outcome' | 'service' | 'routes'>;

/** A host that spells an address; that of a container that is not open leads nowhere. */
function findAddress({ services, addresses }: Model, address: string): Found {
  const service = services.find(({ container }) => container.addresses.includes(address));
  const refused = service === undefined ? 'unknown' : 'not-served';
  return { outcome: addresses.includes(address) ? 'address' : refused, service, routes: [] };
}

/** The container that would have the host, by label or by name, and does not. */
function findRefused({ services }: Model, host: string): Found {
  const [name = ''] = host.split('.');
  const named = services.find(({ container }) => hostLabelOf(container.name) === name);
  const isRefused = named !== undefined && (named.routes.length === 0 || named.refusals.length > 0);
  const service = services.find((one) => asksFor(host, one)) ?? (isRefused ? named : undefined);
  return { outcome: service === undefined ? 'unknown' : 'not-served', service, routes: [] };
}

function findHost(model: Model, host: string): Found {
  const serving = model.routes.filter(({ hosts }) => hosts.includes(host));
  const owner = serving[0]?.backends[0]?.containerID;
  if (owner !== undefined) {
    const service = model.services.find(({ container }) => container.id === owner);
    return { outcome: 'served', service, routes: serving.flatMap(explainRoute) };
  }
  const address = addressIn(host);
  return address === undefined ? findRefused(model, host) : findAddress(model, address);
}

/** @param host as a browser sends it: in any case, with or without port. */
export function explainHost(model: Model, host: string): Explanation {
  const asked = normalize(host);
  const found = findHost(model, asked);
  const claimants = model.services.filter(({ refusals }) =>
    refusals.some((refusal) => refusal.why === 'conflict' && refusal.host === asked),
  );
  return {
    asked,
    kind: 'host',
    ...found,
    refusals: found.service?.refusals ?? [],
    claimants: claimants.map(({ container }) => container.name),
    suggestions: found.outcome === 'unknown' ? suggestHosts(model, asked) : [],
  };
}

const ID_PREFIX = /^[0-9a-f]{12,64}$/;

/** @param nameOrID its name, its id, or at least the first 12 digits of it, as Podman shows them. */
export function explainContainer(model: Model, nameOrID: string): Explanation {
  const { services } = model;
  const service =
    services.find(({ container }) => container.name === nameOrID) ??
    (ID_PREFIX.test(nameOrID)
      ? services.find(({ container }) => container.id.startsWith(nameOrID))
      : undefined);
  const id = service?.container.id;
  const own = model.routes
    .filter((route) => service?.routes.includes(route.id) === true)
    .flatMap(explainRoute)
    .filter(({ containerID }) => containerID === id);
  const refused = own.length > 0 ? 'served' : 'not-served';
  const names = services.map(({ container }) => container.name);
  return {
    asked: nameOrID.slice(0, 300),
    kind: 'container',
    outcome: service === undefined ? 'unknown' : refused,
    service,
    routes: own,
    refusals: service?.refusals ?? [],
    claimants: [],
    suggestions: service === undefined ? nearestNames(nameOrID, names) : [],
  };
}
