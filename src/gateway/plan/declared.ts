import { parseAddress } from '../../input/address.ts';
import type { Container, Refusal } from '../model.ts';
import type { Settings } from '../settings.ts';
import { hasFlatnetLabel } from './flatnet-labels.ts';
import { readLabels } from './labels.ts';
import type { Look } from './look.ts';
import type { RawLabels, RawService } from './reading.ts';
import { readService, type ServiceLabels } from './service.ts';

/** What a container declares, all values read. */
export interface Declared {
  readonly raw: RawLabels;
  /** On flatnet's networks, as the collector read them: no label leads anywhere else. */
  readonly addresses: readonly string[];
  /** The one that has the container's own names first, then by name. */
  readonly services: readonly ServiceLabels[];
  /** Whether one of its services is not for everybody, or nobody can tell whom it is for. */
  readonly isGuarded: boolean;
}

const UNNAMED: RawService = { service: undefined, values: new Map(), refusals: [] };

function isRestricted({ options, refusals }: ServiceLabels): boolean {
  return options.access.length > 0 || options.auth !== undefined || refusals.length > 0;
}

/** Reads the labels of a container. One without any declares a single service, under its own names. */
export function declaredBy(
  container: Container,
  { settings, look }: { readonly settings: Settings; readonly look: Pick<Look, 'hostAddresses'> },
): Declared {
  const raw = readLabels(container, settings);
  const context = { settings, hostAddresses: look.hostAddresses ?? [] };
  const services = raw.services.map((service) => readService(service, context));
  const hasUnnamed = services.some(({ service }) => service === undefined);
  const isGuarded = services.some(isRestricted);
  // Where a service with a name asks for a password, its container's own names must not lead past it.
  const all = hasUnnamed || isGuarded ? services : [readService(UNNAMED, context), ...services];
  const addresses = container.addresses.filter((text) => parseAddress(text) !== undefined);
  return { raw, addresses, services: all, isGuarded };
}

/** Ports that services have by label: D7 chooses among the others. */
export function claimedPorts(services: readonly ServiceLabels[]): readonly number[] {
  return services.flatMap(({ port }) => (port === undefined ? [] : [port.port]));
}

/** Why nothing of a container is served; `undefined` if its services are to be looked at one by one. */
export function refusalOf(
  container: Container,
  { raw, addresses, services }: Declared,
  { settings, look }: { readonly settings: Settings; readonly look: Pick<Look, 'networks'> },
): Refusal | undefined {
  const { networks, labels, phase } = container;
  const off = services.find(({ service, disabledBy }) => service === undefined && disabledBy !== undefined);
  if (off?.disabledBy !== undefined) return { why: 'disabled', label: off.disabledBy };
  if (addresses.length === 0) {
    const isOn = look.networks?.some((name) => networks.includes(name)) ?? phase === 'created';
    return isOn ? { why: 'no-address' } : { why: 'not-on-flatnet', networks };
  }
  const isAsked = hasFlatnetLabel(labels) || raw.services.length > 0;
  return settings.gateway.expose === 'labelled' && !isAsked ? { why: 'not-labelled' } : undefined;
}
