import { formatAddress, parseAddress } from '../../input/address.ts';
import type { Container, Model, Refusal, Route, Service } from '../model.ts';
import type { Settings } from '../settings.ts';
import { claimRoutes } from './claims.ts';
import type { Look } from './look.ts';
import { indexPast } from './past.ts';
import { planContainer, type PlannedContainer } from './plan-container.ts';
import { byText } from './reading.ts';

/** The oldest first; of two that are as old, the one with the lower id (gateway.md D10). */
function byAge(one: Container, other: Container): number {
  return one.createdAt - other.createdAt || byText(one.id, other.id);
}

/** Routes by container. */
function routesByContainer(routes: readonly Route[]): ReadonlyMap<string, readonly Route[]> {
  const found = new Map<string, Route[]>();
  for (const route of routes) {
    for (const id of new Set(route.backends.map(({ containerID }) => containerID))) {
      const own = found.get(id) ?? [];
      found.set(id, [...own, route]);
    }
  }
  return found;
}

/** Each refusal once: a pool and its members may be refused for the same reason. */
function distinct(refusals: readonly Refusal[]): readonly Refusal[] {
  return [...new Map(refusals.map((refusal) => [JSON.stringify(refusal), refusal])).values()];
}

function asService(
  { container, display, state: own, refusals }: PlannedContainer,
  routes: readonly Route[],
  further: readonly Refusal[],
): Service {
  const backends = routes.flatMap((route) =>
    route.backends.filter(({ containerID }) => containerID === container.id),
  );
  const { state, since } = backends[0] ?? own;
  return {
    container,
    display,
    state,
    since,
    routes: routes.map(({ id }) => id),
    refusals: distinct([...further, ...refusals]),
  };
}

/** The fragments that nginx refused stay out, and their hosts stay theirs. */
function quarantined(
  routes: readonly Route[],
  { quarantine }: Look,
): ReadonlyMap<string, readonly Refusal[]> {
  const refused = routes.filter(({ id }) => quarantine.has(id));
  const byContainer = routesByContainer(refused);
  return new Map(
    [...byContainer].map(([id, own]) => [
      id,
      own.map((route): Refusal => ({ why: 'quarantined', message: quarantine.get(route.id) ?? '' })),
    ]),
  );
}

function sortedAddresses(planned: readonly PlannedContainer[]): readonly string[] {
  const addresses = planned.flatMap(({ open }) => open).flatMap((text) => parseAddress(text) ?? []);
  const values = [...new Set(addresses.map(({ value }) => value))];
  return values
    .sort((one, other) => (one < other ? -1 : 1))
    .map((value) => formatAddress({ family: 4, value }));
}

/**
 * Decides from one look at the host what is served, under which names, by which containers, and says of everything else
 * why it is not. Pure: equal looks make equal models, whatever the order of the containers.
 * @param previous the model of the turn before: ports that were found by asking stay, and states keep their times.
 */
export function planModel(look: Look, settings: Settings, previous: Model): Model {
  const past = indexPast(previous);
  const planned = [...look.containers]
    .sort(byAge)
    .map((container) => planContainer(container, { look, settings, past }));
  const { routes: all, refusals } = claimRoutes(planned.flatMap(({ wanted }) => wanted));
  const routes = all
    .filter(({ id }) => !look.quarantine.has(id))
    .sort((one, other) => byText(one.id, other.id));
  const refusedByNginx = quarantined(all, look);
  const own = routesByContainer(routes);
  const services = planned.map((one) => {
    const { id } = one.container;
    const further = [...(refusedByNginx.get(id) ?? []), ...(refusals.get(id) ?? [])];
    return asService(one, own.get(id) ?? [], further);
  });
  return {
    routes,
    services: services.sort(
      (one, other) =>
        byText(one.container.name, other.container.name) || byText(one.container.id, other.container.id),
    ),
    addresses: sortedAddresses(planned),
  };
}
