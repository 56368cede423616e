import { type Backend, type Container, EMPTY_MODEL, type Model } from '../model.ts';
import type { Settings } from '../settings.ts';
import { claimedPorts, declaredBy, refusalOf } from './declared.ts';
import { indexPast, type Past } from './past.ts';
import { candidatesOf } from './port.ts';

/** A port that the collector is to try. */
export interface PortToTry {
  readonly address: string;
  readonly port: number;
  /** Whether it is also to be asked for HTTP: its answer may decide which port is served. */
  readonly http: boolean;
}

/** What a model says of one container. Whoever asks for many indexes the model once. */
function pastOf({ id }: Container, previous: Model | Past): Past {
  if (!('routes' in previous)) return previous;
  const isOwn = (backend: Backend) => backend.containerID === id;
  return indexPast({
    ...previous,
    routes: previous.routes.filter(({ backends }) => backends.some(isOwn)),
    services: [],
  });
}

/** The port that has been found for a container by asking, once it has answered in this run. */
function settledPort(container: Container, previous: Model | Past): number | undefined {
  const past = pastOf(container, previous);
  const port = past.chosenPort(container.id)?.port;
  const state = port === undefined ? undefined : past.backend(container.id, port)?.state;
  return state === undefined || state === 'starting' ? undefined : port;
}

/**
 * What has to be known of a running container's ports to plan it: those of its services, and where the port is not
 * certain, the candidates in the order of gateway.md D7. Empty for one that is not running or not served.
 * @param previous the model of the turn before, or `indexPast()` of it: a container whose port was found is not asked
 * again and again.
 */
export function portsToTry(
  container: Container,
  settings: Settings,
  previous: Model | Past = EMPTY_MODEL,
): readonly PortToTry[] {
  const context = { settings, look: {} };
  const declared = declaredBy(container, context);
  const [address] = declared.addresses;
  if (container.phase !== 'running' || address === undefined) return [];
  if (refusalOf(container, declared, context) !== undefined) return [];
  const { services } = declared;
  const served = services.filter(
    ({ refusals, disabledBy }) => refusals.length === 0 && disabledBy === undefined,
  );
  const claimed = claimedPorts(services);
  const ports = new Map(claimedPorts(served).map((port) => [port, false]));
  if (served.some(({ port }) => port === undefined)) {
    const candidates = candidatesOf(container, claimed);
    const settled = settledPort(container, previous);
    if (settled !== undefined && candidates.ports.includes(settled)) ports.set(settled, false);
    else for (const port of candidates.ports) ports.set(port, candidates.isAsked);
  }
  return [...ports].map(([port, http]) => ({ address, port, http }));
}
