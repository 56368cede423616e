import type { Route, Service } from '../model.ts';
import type { Snapshot } from '../snapshot.ts';
import { moment } from './moments.ts';

function serviceOf({ container, state, since, routes, refusals }: Service, byID: ReadonlyMap<string, Route>) {
  return {
    id: container.id,
    name: container.name,
    state,
    since: moment(since),
    hosts: routes.flatMap((route) => byID.get(route)?.hosts ?? []),
    routes,
    refusals: refusals.map(({ why }) => why),
  };
}

type ServiceEvent = ReturnType<typeof serviceOf>;

/** What a client of the events is told: `services` are those that are new or different, `removed` the IDs of those gone. */
export interface EventData {
  readonly revision: number;
  readonly generation: { readonly wanted: number; readonly served: number | null };
  readonly draining: number;
  readonly troubles: readonly string[];
  readonly services: readonly ServiceEvent[];
  readonly removed: readonly string[];
}

/** What was told last, by container ID, as its JSON. */
export type Told = ReadonlyMap<string, string>;

/** @param told nothing for a client that comes anew, which is then told everything. */
export function eventData(
  { model, status, revision }: Snapshot,
  told: Told,
): { data: EventData; told: Told } {
  const byID = new Map(model.routes.map((route) => [route.id, route]));
  const services = model.services.map((service) => serviceOf(service, byID));
  const now = new Map(services.map((service) => [service.id, JSON.stringify(service)]));
  const { wanted, served } = status.generation;
  const data = {
    revision,
    generation: { wanted, served: served ?? null },
    draining: status.nginx.draining,
    troubles: status.troubles.map(({ code }) => code),
    services: services.filter(({ id }) => now.get(id) !== told.get(id)),
    removed: [...told.keys()].filter((id) => !now.has(id)),
  };
  return { data, told: now };
}
