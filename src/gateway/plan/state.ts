import type { Backend, Container, Probe, RouteState } from '../model.ts';

/** What a state is decided from. Times are milliseconds since 1970. */
export interface StateLook {
  readonly container: Container;
  /** Of the port that is served; `undefined` if it was never tried, or there is none. */
  readonly probe: Probe | undefined;
  /** Whether only an accepted connection makes it ready. */
  readonly needsPort: boolean;
  readonly ignoresHealth: boolean;
  /** The state in the turn before, if it is still about the same run of the container. */
  readonly before: { readonly state: RouteState; readonly since: number } | undefined;
  readonly now: number;
}

export type TimedState = Pick<Backend, 'state' | 'since' | 'exitCode'>;

/** Milliseconds after which a container that accepts no connection is no longer said to be starting. */
const STARTING_LIMIT = 600_000;

/** What the container's own health check says; absent is as good as healthy. */
function healthOf({ container, ignoresHealth }: StateLook): Container['health'] {
  return ignoresHealth ? undefined : container.health;
}

/** Whether the port answers, as far as anybody knows. */
function isReachable(look: StateLook): boolean {
  // Where nobody has asked the port yet, a health check that has spoken is believed.
  return !look.needsPort || (look.probe?.accepts ?? healthOf(look) === 'healthy');
}

function runningState(look: StateLook): RouteState {
  const { container, probe, before, now } = look;
  const health = healthOf(look);
  if (health === 'starting' || health === 'unhealthy') return health;
  if (isReachable(look)) return 'ready';
  const wasUp = before?.state === 'ready' || before?.state === 'unhealthy';
  const isOverdue = probe !== undefined && now - (container.startedAt ?? now) > STARTING_LIMIT;
  return wasUp || isOverdue ? 'unhealthy' : 'starting';
}

function stateOf(look: StateLook): RouteState {
  switch (look.container.phase) {
    case 'running':
      return runningState(look);
    case 'paused':
      return 'paused';
    case 'created':
    case 'stopped':
      return 'stopped';
  }
}

/** When the state began, as far as container and probe can tell. */
function beginOf(state: RouteState, { container, probe, now }: StateLook): number {
  const started = container.startedAt ?? container.createdAt;
  switch (state) {
    case 'stopped':
      return container.stoppedAt ?? container.createdAt;
    case 'starting':
      return started;
    case 'ready':
      return Math.max(started, probe?.accepts === true ? probe.since : started);
    case 'unhealthy':
      return probe?.accepts === false ? Math.max(started, probe.since) : now;
    case 'paused':
      return now;
  }
}

/** The state of a container behind a port, and since when it is in it (gateway.md D11). */
export function timedState(look: StateLook): TimedState {
  const { container, before, now } = look;
  const state = stateOf(look);
  const isTold = state === 'stopped' || state === 'starting';
  const since = before?.state === state && !isTold ? before.since : beginOf(state, look);
  const exitCode = container.phase === 'stopped' ? container.exitCode : undefined;
  return { state, since: Math.min(since, now), exitCode };
}
