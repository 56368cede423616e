import type { Backend, Container, Display, Refusal } from '../model.ts';
import { probeKey } from '../model.ts';
import type { Settings } from '../settings.ts';
import { claimedPorts, type Declared, declaredBy, refusalOf } from './declared.ts';
import { displayOf } from './display.ts';
import { defaultHosts } from './host-names.ts';
import type { Look } from './look.ts';
import { isSameRun, type Past } from './past.ts';
import { candidatesOf, type ChosenPort, choosePort } from './port.ts';
import type { ServiceLabels } from './service.ts';
import { timedState, type TimedState } from './state.ts';

/** A service that is served if it gets its hosts: other containers may have them. */
export interface Wanted {
  readonly container: Container;
  readonly labels: ServiceLabels;
  /** From labels, the canonical one first. */
  readonly named: readonly string[];
  /** `NAME.local` and `NAME.DOMAIN`, without those that labels name. */
  readonly given: readonly string[];
  readonly chosen: ChosenPort;
  readonly backend: Backend;
}

/** A container for itself, before it meets the others. */
export interface PlannedContainer {
  readonly container: Container;
  readonly display: Display;
  readonly wanted: readonly Wanted[];
  readonly refusals: readonly Refusal[];
  /** What it is in if none of its services gets a route. */
  readonly state: TimedState;
  /** Addresses by which it may be asked for: IPv4, as others make no host name. */
  readonly open: readonly string[];
}

/** What planning a container looks at besides the container. */
export interface PlanContext {
  readonly look: Look;
  readonly settings: Settings;
  readonly past: Past;
}

/** A container with a thousand wrong labels is told of the first of them. */
const REMARKS_LIMIT = 20;

/** A container with what it declares: what each of its services is planned from. */
interface Planning extends PlanContext {
  readonly container: Container;
  readonly declared: Declared;
}

type Hosts = Pick<Wanted, 'named' | 'given'>;

/** The hosts that a service asks for; a refusal if it has no name at all. */
function hostsOf(labels: ServiceLabels, { container, declared, settings }: Planning): Hosts | Refusal {
  const { services } = declared;
  const unnamed = services.find(({ service }) => service === undefined);
  // A service that has a path only is below the names of its container.
  const isBelow = labels.service !== undefined && labels.hosts.length === 0;
  const named = isBelow ? (unnamed?.hosts ?? []) : labels.hosts;
  const own = labels.service === undefined || isBelow ? defaultHosts(container.name, settings) : [];
  if (named.length + own.length === 0) return { why: 'no-host-name', name: container.name };
  const siblings = services.filter((other) => other !== labels && other.path === labels.path);
  const taken = new Set([...named, ...siblings.flatMap(({ hosts }) => hosts)]);
  return { named, given: own.filter((host) => !taken.has(host)) };
}

function backendOf(labels: ServiceLabels, { port }: ChosenPort, planning: Planning): Backend {
  const { container, declared, look, past } = planning;
  const [address = ''] = declared.addresses;
  const timed = timedState({
    container,
    probe: look.probes.get(probeKey(address, port)),
    needsPort: true,
    ignoresHealth: labels.ignoresHealth,
    before: isSameRun(container, past) ? past.backend(container.id, port) : undefined,
    now: look.now,
  });
  return { container: container.name, containerID: container.id, address, port, ...timed };
}

function planService(labels: ServiceLabels, planning: Planning): Wanted | readonly Refusal[] {
  const { container, declared, look, past } = planning;
  if (labels.refusals.length > 0) return labels.refusals;
  if (labels.disabledBy !== undefined) return [{ why: 'disabled', label: labels.disabledBy }];
  const [address = ''] = declared.addresses;
  const candidates = candidatesOf(container, claimedPorts(declared.services));
  const { probes, now } = look;
  const chosen = choosePort(labels, { container, address, candidates, probes, past, now });
  if ('why' in chosen) return [chosen];
  const hosts = hostsOf(labels, planning);
  if ('why' in hosts) return [hosts];
  return { container, labels, ...hosts, chosen, backend: backendOf(labels, chosen, planning) };
}

/** Addresses under which the container may be asked for: none if that led past a password. */
function openAddresses({ phase }: Container, { addresses, isGuarded }: Declared): readonly string[] {
  const isUp = phase === 'running' || phase === 'paused';
  return isUp && !isGuarded ? addresses.filter((text) => !text.includes(':')) : [];
}

/** Decides all that can be decided without the other containers. */
export function planContainer(container: Container, context: PlanContext): PlannedContainer {
  const { look, past } = context;
  const declared = declaredBy(container, context);
  const { display, remarks } = displayOf(container, declared.raw.display);
  const refusal = refusalOf(container, declared, context);
  const planned =
    refusal === undefined
      ? declared.services.map((labels) => planService(labels, { ...context, container, declared }))
      : [[refusal]];
  return {
    container,
    display,
    wanted: planned.filter((one) => 'backend' in one),
    refusals: [
      ...planned.flatMap((one) => ('backend' in one ? [] : one)),
      ...[...declared.raw.remarks, ...remarks].slice(0, REMARKS_LIMIT),
    ],
    state: timedState({
      container,
      probe: undefined,
      needsPort: false,
      ignoresHealth: false,
      before: isSameRun(container, past) ? past.service(container.id) : undefined,
      now: look.now,
    }),
    open: refusal === undefined ? openAddresses(container, declared) : [],
  };
}
