import { type Container, EMPTY_MODEL, type Model } from '../model.ts';
import type { Settings } from '../settings.ts';
import { addressesOf, claimedPorts, declaredBy, refusalOf } from './declared.ts';
import { candidatesOf } from './port.ts';

/** A port that the collector is to try. */
export interface PortToTry {
  readonly address: string;
  readonly port: number;
  /** Whether it is also to be asked for HTTP: its answer may decide which port is served. */
  readonly http: boolean;
}

/** The port that has been chosen for a container by asking, while that port answers. */
function settledPort(container: Container, { routes }: Model): number | undefined {
  const route = routes.find(
    ({ portReason, backends }) =>
      portReason.by === 'first-answer' && backends.some(({ containerID }) => containerID === container.id),
  );
  const backend = route?.backends.find(({ containerID }) => containerID === container.id);
  return backend === undefined || backend.state === 'starting' ? undefined : backend.port;
}

/**
 * What has to be known of a running container's ports to plan it: those of its services, and where the port is not
 * certain, the candidates in the order of gateway.md D7. Empty for one that is not running or not served.
 * @param previous where it is given, a container whose port was found is not asked for HTTP again and again.
 */
export function portsToTry(
  container: Container,
  settings: Settings,
  previous: Model = EMPTY_MODEL,
): readonly PortToTry[] {
  const context = { settings, look: {} };
  const declared = declaredBy(container, context);
  const [address] = addressesOf(container);
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
