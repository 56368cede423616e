import { problemOf } from '../input/problem.ts';
import type { Collector } from './collect/collector.ts';
import type { Prober } from './collect/prober.ts';
import type { Runtime } from './collect/runtime.ts';
import { type Container, EMPTY_MODEL, type Model } from './model.ts';
import { indexPast } from './plan/past.ts';
import type { Applier } from './nginx/applier.ts';
import { planModel } from './plan/plan-model.ts';
import { portsToTry } from './plan/ports-to-try.ts';
import { createPublication, type Publication } from './publication.ts';
import type { Settings } from './settings.ts';
import type { GatewayStatus, SnapshotSource } from './snapshot.ts';
import { createTroubles, type Troubles } from './troubles.ts';
import { createTurns } from './turns.ts';

/*
 * The loop: look at the host, plan, hand on, publish. Every turn starts from the whole state of the host, so that a hint lost or a
 * daemon restarted changes nothing but the moment (gateway.md pain 16).
 */

export interface GatewayDeps {
  readonly settings: Settings;
  readonly collector: Collector;
  readonly runtime: () => Runtime;
  /** Makes the prober; it calls back when a port answers otherwise. */
  readonly prober: (onChange: () => void) => Prober;
  /** Makes the traffic's side; it calls back when its report changes. */
  readonly traffic: (onChange: () => void) => Applier;
  readonly hostAddresses: () => readonly string[];
  readonly now: () => number;
}

export interface Gateway extends SnapshotSource {
  /** Something may have changed: look soon. */
  hint(kind: 'event' | 'allocation'): void;
  /** nginx could not reach a backend of this route. */
  doubt(routeID: string): void;
  readonly troubles: Troubles;
  close(): Promise<void>;
}

/** What the turns of one gateway share. */
interface State {
  containers: readonly Container[];
  /** With the routes that nginx refuses: it tries them again when their text changes. */
  wanted: Model;
  /** IDs of the routes that the shown model leaves out. */
  quarantine: string;
  /** As of the last look. */
  hostAddresses: readonly string[];
  eventAt: number | undefined;
  reconciledAt: number | undefined;
}

/** Every look finds what no event told of. */
const RECONCILE_MS = 30_000;
/** Events of one start come in bursts of four or five. */
const SETTLE_MS = 100;
/** Ports of many containers answer at once after a start of the host. */
const REPLAN_MS = 10;
/** A host with a thousand flapping containers is looked at for a third of the time. */
const SHARE = 0.33;

const PODMAN = 'podman-silent';

function silentPodman(error: unknown) {
  const { message, details } = problemOf(error);
  return {
    code: PODMAN,
    message: `Cannot ask Podman for its containers: ${message}${details === undefined ? '' : ` (${details})`}`,
    remedy: 'sudo podman ps --all; what is served stays as it was meanwhile',
  };
}

function statusOf(
  state: State,
  own: Troubles,
  deps: GatewayDeps & { startedAt: number; report: Applier['report'] },
) {
  const { nginx, generation, troubles } = deps.report();
  return {
    startedAt: deps.startedAt,
    runtime: {
      via: state.reconciledAt === undefined ? undefined : deps.runtime().via,
      reconciledAt: state.reconciledAt,
      eventAt: state.eventAt,
    },
    nginx,
    generation,
    troubles: [...own.list(), ...troubles],
  };
}

/** Plans from what is known, and hands the result on. */
function createPlanning(state: State, deps: GatewayDeps, parts: () => { prober: Prober; traffic: Applier }) {
  const planWith = (quarantine: ReadonlyMap<string, string>) => {
    const look = {
      containers: state.containers,
      probes: parts().prober.probes(),
      quarantine,
      now: deps.now(),
      hostAddresses: state.hostAddresses,
    };
    return planModel(look, deps.settings, state.wanted);
  };
  return (): Model => {
    const { prober, traffic } = parts();
    const wanted = planWith(new Map());
    const past = indexPast(wanted);
    const targets = state.containers.flatMap((one) =>
      portsToTry(one, deps.settings, past).map((port) => ({
        ...port,
        life: `${one.id} ${one.startedAt ?? 0}`,
      })),
    );
    prober.watch(targets);
    traffic.want(wanted);
    const { quarantine } = traffic.report();
    const shown = quarantine.size === 0 ? wanted : planWith(quarantine);
    state.wanted = wanted;
    state.quarantine = idsOf(quarantine);
    return shown;
  };
}

function idsOf(quarantine: ReadonlyMap<string, string>): string {
  return [...quarantine.keys()].join(' ');
}

function retryBackends(routeID: string, { routes }: Model, prober: Prober): void {
  const backends = routes.find(({ id }) => id === routeID)?.backends ?? [];
  for (const { address, port } of backends) prober.retry(address, port);
}

function createLook(
  state: State,
  deps: GatewayDeps,
  { troubles, replan }: { troubles: Troubles; replan: () => void },
) {
  return async () => {
    try {
      state.containers = await deps.collector.look();
      state.hostAddresses = deps.hostAddresses();
      state.reconciledAt = deps.now();
      troubles.clear(PODMAN);
    } catch (error) {
      troubles.set(PODMAN, silentPodman(error));
    }
    replan();
  };
}

/** Plans and publishes. Before the first look nothing is known, and what nginx serves from before stays. */
function createPublishing(
  state: State,
  deps: GatewayDeps & { plan: () => Model; status: () => GatewayStatus },
) {
  let shown: Model = EMPTY_MODEL;
  const publication: Publication = createPublication({ model: shown, status: deps.status() });
  const replan = () => {
    if (state.reconciledAt !== undefined) shown = deps.plan();
    publication.publish({ model: shown, status: deps.status() });
    return Promise.resolve();
  };
  const report = () => {
    publication.publish({ model: shown, status: deps.status() });
  };
  return { publication, replan, report };
}

function initialState(): State {
  return {
    containers: [],
    wanted: EMPTY_MODEL,
    quarantine: '',
    hostAddresses: [],
    eventAt: undefined,
    reconciledAt: undefined,
  };
}

/** Everything that runs, connected: what changes leads to a plan or a look soon. */
function connect(state: State, deps: GatewayDeps) {
  const { now } = deps;
  const troubles = createTroubles(now);
  const startedAt = now();
  const replanSoon = () => void plans.request();
  const prober = deps.prober(replanSoon);
  const traffic = deps.traffic(() => {
    // It looks at nginx every second; only what nginx refuses changes what is shown.
    if (idsOf(traffic.report().quarantine) === state.quarantine) report();
    else replanSoon();
  });
  const status = () => statusOf(state, troubles, { ...deps, startedAt, report: () => traffic.report() });
  const plan = createPlanning(state, deps, () => ({ prober, traffic }));
  const { publication, replan, report } = createPublishing(state, { ...deps, plan, status });
  const plans = createTurns(replan, { settleMs: REPLAN_MS, share: SHARE, now });
  const look = createLook(state, deps, { troubles, replan: replanSoon });
  const looks = createTurns(look, { settleMs: SETTLE_MS, share: SHARE, now });
  return { troubles, prober, traffic, publication, plans, looks };
}

/** Starts the loop; the first look is under way when it returns. */
export function startGateway(deps: GatewayDeps): Gateway {
  const state = initialState();
  const { troubles, prober, traffic, publication, plans, looks } = connect(state, deps);
  const timer = setInterval(() => void looks.request(), RECONCILE_MS);
  void looks.request();
  return {
    current: () => publication.current(),
    subscribe: (listener) => publication.subscribe(listener),
    reconcile: async () => {
      await looks.request();
      await plans.request();
    },
    hint: (kind) => {
      if (kind === 'event') state.eventAt = deps.now();
      void looks.request();
    },
    doubt: (routeID) => {
      retryBackends(routeID, state.wanted, prober);
    },
    troubles,
    close: async () => {
      clearInterval(timer);
      for (const one of [looks, plans]) one.close();
      prober.close();
      await traffic.close();
    },
  };
}
