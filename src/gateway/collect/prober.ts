import { askPort, type PortAnswer } from '../../sys/port-answer.ts';
import { type Probe, probeKey, type Probes } from '../model.ts';

/** A port to try, until it is wanted no more. */
export interface Target {
  readonly address: string;
  readonly port: number;
  /** Whether to ask for HTTP too. */
  readonly http: boolean;
  /** Changes with each start of its container: what it answered in its last life says nothing of this one. */
  readonly life: string;
}

export interface Prober {
  probes(): Probes;
  /** Replaces the targets. */
  watch(targets: readonly Target[]): void;
  /** Tries a port at once: somebody was just refused there. */
  retry(address: string, port: number): void;
  close(): void;
}

interface Watched {
  readonly target: Target;
  readonly since: number;
  probe: Probe | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** A container that starts is to be served a moment after it listens; one that never listens must not cost anything. */
const EAGER_MS = 200;
const EAGER_FOR_MS = 60_000;
const PATIENT_MS = 3_000;
/** For a container that died inside: nginx tells of it first, by `retry`. */
const ACCEPTING_MS = 15_000;
/** On a bridge of this host. */
const TIMEOUT_MS = 1_000;

/** How long to wait before a port is tried again. Pure. */
export function nextDelay(probe: Probe | undefined, watchedForMs: number): number {
  if (probe?.accepts === true) return ACCEPTING_MS;
  return watchedForMs < EAGER_FOR_MS ? EAGER_MS : PATIENT_MS;
}

function judge({ target, probe }: Watched, answer: PortAnswer, now: number): Probe {
  const { address, port } = target;
  const accepts = answer !== 'refused';
  // An application that is busy for a moment has not changed its protocol.
  const known = accepts ? probe?.speaksHttp : undefined;
  const speaksHttp = target.http && accepts ? answer === 'http' || known === true : known;
  const isSame = probe?.accepts === accepts && probe.speaksHttp === speaksHttp;
  return isSame ? probe : { address, port, accepts, speaksHttp, since: now };
}

export interface ProberDeps {
  readonly now: () => number;
  /** Called when a port answers otherwise than before. */
  readonly onChange: () => void;
  readonly ask?: typeof askPort;
}

type WatchedPorts = Map<string, Watched>;

/** Tries ports when they are due; one that is watched no more is left alone. */
function startAttempts(watched: WatchedPorts, { now, onChange, ask = askPort }: ProberDeps) {
  const schedule = (key: string, one: Watched, delay: number) => {
    clearTimeout(one.timer);
    one.timer = setTimeout(() => void attempt(key, one), delay);
  };
  const attempt = async (key: string, one: Watched) => {
    const { address, port, http } = one.target;
    const wasHttp = one.probe?.speaksHttp === true;
    const answer = await ask({ address, port, http: http && !wasHttp, timeoutMs: TIMEOUT_MS });
    if (watched.get(key) !== one) return;
    const probe = judge(one, answer, now());
    const hasChanged = probe !== one.probe;
    one.probe = probe;
    schedule(key, one, nextDelay(probe, now() - one.since));
    if (hasChanged) onChange();
  };
  return schedule;
}

export function createProber(deps: ProberDeps): Prober {
  const watched: WatchedPorts = new Map();
  const schedule = startAttempts(watched, deps);
  const stop = (key: string) => {
    clearTimeout(watched.get(key)?.timer);
    watched.delete(key);
  };
  const begin = (key: string, target: Target) => {
    const present = watched.get(key)?.target;
    if (present?.life === target.life && present.http === target.http) return;
    stop(key);
    const one: Watched = { target, since: deps.now(), probe: undefined, timer: undefined };
    watched.set(key, one);
    schedule(key, one, 0);
  };
  return {
    probes: () =>
      new Map([...watched].flatMap(([key, { probe }]) => (probe === undefined ? [] : [[key, probe]]))),
    watch: (targets) => {
      const wanted = new Map(targets.map((one) => [probeKey(one.address, one.port), one]));
      for (const key of [...watched.keys()]) if (!wanted.has(key)) stop(key);
      for (const [key, target] of wanted) begin(key, target);
    },
    retry: (address, port) => {
      const key = probeKey(address, port);
      const one = watched.get(key);
      if (one !== undefined) schedule(key, one, 0);
    },
    close: () => {
      for (const key of [...watched.keys()]) stop(key);
    },
  };
}
