import type { Model } from '../model.ts';
import type { GatewayStatus, Trouble } from '../snapshot.ts';
import { writeTable } from './prepare.ts';
import { endNginx, lookAtProcesses } from './processes.ts';
import { createRhythm } from './rhythm.ts';
import { type ApplierDeps, createSession, type Session } from './session.ts';
import { takeTurn } from './turn.ts';

export type { ApplierDeps } from './session.ts';

/** What `GatewayStatus` says of nginx, and the routes that it refuses: what it said, by the route's id. */
export interface ApplierReport extends Pick<GatewayStatus, 'nginx' | 'generation' | 'troubles'> {
  readonly quarantine: ReadonlyMap<string, string>;
  readonly troubles: readonly Trouble[];
}

export interface Applier {
  /**
   * The model is to be served, in place of any former one. It has all routes, those in quarantine included: nginx is asked again
   * when one of them changes. Addresses are in force at once where nginx has Lua.
   */
  want(model: Model): void;
  report(): ApplierReport;
  /** Tests and loads anew, with what was refused: for a certificate or an nginx that was replaced. */
  reload(): void;
  /** Ends the applier; nginx goes on. */
  close(): Promise<void>;
}

function reportOf(session: Session): ApplierReport {
  const { features, draining, served, wanted, quarantine, troubles, master } = session;
  return {
    nginx: {
      isRunning: master !== undefined,
      version: features?.version,
      hasLua: features?.hasLua ?? false,
      draining: draining.size,
      drainingSince: draining.size === 0 ? undefined : Math.min(...draining.values()),
    },
    generation: { wanted, served: served?.generation },
    quarantine: new Map([...quarantine].map(([id, { message }]) => [id, message])),
    troubles: troubles.list(),
  };
}

/** Addresses do not wait for a turn; what keeps them from being written, the next turn says. */
function followAtOnce(session: Session, model: Model): void {
  try {
    writeTable(session, model);
  } catch {
    session.table = undefined;
  }
}

/** Keeps nginx at what is wanted: one change at a time, the latest one wins (gateway.md D1). */
export function createApplier(deps: ApplierDeps): Applier {
  const session = createSession(deps);
  const rhythm = createRhythm<Model>(async (model) => {
    const next = await takeTurn(session, model);
    deps.onChange?.();
    return next;
  }, session.now);
  return {
    want(model) {
      followAtOnce(session, model);
      rhythm.want(model);
    },
    report: () => reportOf(session),
    reload() {
      Object.assign(session, {
        features: undefined,
        quarantine: new Map(),
        failed: undefined,
        isForced: true,
      });
      rhythm.again();
    },
    close: () => rhythm.close(),
  };
}

/** Ends nginx with its connections, for a gateway that is turned off; `false` if none ran. */
export async function stopNginx(deps: Pick<ApplierDeps, 'settings' | 'directories'>): Promise<boolean> {
  const { own } = createSession({ ...deps, lua: '' });
  const { master } = lookAtProcesses(own);
  await endNginx(own);
  return master !== undefined;
}
