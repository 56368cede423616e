import type { Container, PortReason, Refusal } from '../model.ts';
import { type Probes, probeKey } from '../model.ts';
import { isSameRun, type Past } from './past.ts';
import type { ServiceLabels } from './service.ts';

/** SSH, SMTP, DNS, MySQL, PostgreSQL, AMQP, Redis, Cassandra, memcached, MongoDB: nothing that a browser speaks. */
const NOT_FOR_BROWSERS: ReadonlySet<number> = new Set([
  22, 25, 53, 3306, 5432, 5672, 6379, 9042, 11_211, 27_017,
]);
/** Where web applications listen, the most usual first; the others follow in ascending order. */
const USUAL = [80, 8080, 3000, 8000, 5000];
/** An image may expose ten thousand ports, and each is asked. */
const TRIED_LIMIT = 32;
/** Milliseconds from the start after which a port that has not come back may be given up for one that answers. */
const RETURN_TIME = 30_000;

/** The ports of a container that may be for browsers, in the order in which they are tried. */
export interface Candidates {
  readonly exposed: readonly number[];
  /** Empty for a database; more than one, or some that nobody declared, have to be asked. */
  readonly ports: readonly number[];
  readonly isAsked: boolean;
}

function rank(port: number): number {
  const index = USUAL.indexOf(port);
  return index < 0 ? USUAL.length : index;
}

/** @param others ports of services that have one of their own by label: the rest is left to the others. */
export function candidatesOf({ exposed }: Container, others: readonly number[]): Candidates {
  const isForBrowsers = (port: number) => port > 0 && port < 65_536 && !NOT_FOR_BROWSERS.has(port);
  const all = exposed.length === 0 ? USUAL : exposed.filter(isForBrowsers);
  const isFree = (port: number) => !others.includes(port);
  const isShared = !all.some(isFree);
  const ports = [...new Set(isShared ? all : all.filter(isFree))].sort(
    (one, other) => rank(one) - rank(other) || one - other,
  );
  return {
    exposed: isShared ? exposed : exposed.filter(isFree),
    ports: ports.slice(0, TRIED_LIMIT),
    isAsked: exposed.length === 0 || ports.length > 1,
  };
}

export interface ChosenPort {
  readonly port: number;
  readonly reason: PortReason;
}

/** What the choice of a port looks at besides the labels. */
export interface PortLook {
  readonly container: Container;
  readonly address: string;
  readonly candidates: Candidates;
  readonly probes: Probes;
  readonly past: Past;
  readonly now: number;
}

/** A port found by asking stays while the container runs, and over restarts if it comes back. */
function chosenBefore({ container, candidates, past, now }: PortLook): ChosenPort | undefined {
  const before = past.chosenPort(container.id);
  if (before === undefined || !candidates.ports.includes(before.port)) return undefined;
  const state = past.backend(container.id, before.port)?.state;
  const isLate = container.phase === 'running' && now - (container.startedAt ?? now) > RETURN_TIME;
  const isMissing = isLate && state === 'starting' && isSameRun(container, past);
  return isMissing ? undefined : before;
}

function firstAnswer(look: PortLook): ChosenPort | undefined {
  const { candidates, probes, address } = look;
  const probeOf = (port: number) => probes.get(probeKey(address, port));
  const found = candidates.ports.findIndex((port) => {
    const probe = probeOf(port);
    return probe?.accepts === true && probe.speaksHttp === true;
  });
  const port = candidates.ports[found];
  if (port === undefined) return undefined;
  return { port, reason: { by: 'first-answer', tried: candidates.ports.slice(0, found + 1) } };
}

/** By label, else by what is exposed, else by what answers (gateway.md D7). */
export function choosePort(labels: ServiceLabels, look: PortLook): ChosenPort | Refusal {
  const { candidates, probes, address, past, container } = look;
  if (labels.port !== undefined) {
    return { port: labels.port.port, reason: { by: 'label', label: labels.port.label } };
  }
  const [only] = candidates.ports;
  if (only !== undefined && !candidates.isAsked) {
    return { port: only, reason: { by: 'only-web-port', exposed: candidates.exposed } };
  }
  const kept = chosenBefore(look);
  const chosen = kept ?? firstAnswer(look) ?? past.chosenPort(container.id);
  if (chosen !== undefined && candidates.ports.includes(chosen.port)) return chosen;
  const tried = candidates.ports.filter((port) => probes.has(probeKey(address, port)));
  return { why: 'no-web-port', exposed: candidates.exposed, tried };
}
