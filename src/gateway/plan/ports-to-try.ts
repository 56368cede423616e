import type { Container } from '../model.ts';
import type { Settings } from '../settings.ts';
import { claimedPorts, declaredBy, refusalOf } from './declared.ts';
import type { Past } from './past.ts';
import { candidatesOf } from './port.ts';

/** A port that the collector is to try. */
export interface PortToTry {
  readonly address: string;
  readonly port: number;
  /** Whether it is also to be asked for HTTP: its answer may decide which port is served. */
  readonly http: boolean;
}

/** The port that has been found for a container by asking, once it has answered in this run. */
function settledPort({ id }: Container, past: Past | undefined): number | undefined {
  const port = past?.chosenPort(id)?.port;
  const state = port === undefined ? undefined : past?.backend(id, port)?.state;
  return state === undefined || state === 'starting' ? undefined : port;
}

/**
 * What has to be known of a running container's ports to plan it: those of its services, and where the port is not
 * certain, the candidates in the order of gateway.md D7. Empty for one that is not running or not served.
 * @param past of the previous model, see `indexPast`: a container whose port was found is not asked again and again.
 */
export function portsToTry(container: Container, settings: Settings, past?: Past): readonly PortToTry[] {
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
    const settled = settledPort(container, past);
    if (settled !== undefined && candidates.ports.includes(settled)) ports.set(settled, false);
    else for (const port of candidates.ports) ports.set(port, candidates.isAsked);
  }
  return [...ports].map(([port, http]) => ({ address, port, http }));
}
