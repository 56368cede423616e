import { PLACES } from '../../gateway/settings.ts';
import { isPresent } from '../../sys/files/text-file.ts';
import { type Health, readHealth } from '../flatnetd/answers.ts';
import { askDaemon } from '../flatnetd/ask-daemon.ts';
import { DAEMON_UNIT } from '../flatnetd/unit.ts';
import { LAYOUT } from '../layout.ts';

/** A gateway that is to run. */
export interface GatewayFacts {
  readonly health: Health | undefined;
  /** Why flatnetd says nothing of itself, and what to type; empty where it does. */
  readonly problem: string;
  readonly remedy: string;
}

/** Enabled as a service, or started by hand since the last boot and not ended by hand. */
function isEnabled(): boolean {
  return isPresent(`${LAYOUT.unitDirectory}/${DAEMON_UNIT}`) || isPresent(PLACES.pidFile);
}

/** `undefined` where no gateway is enabled. */
export async function inspectGateway(): Promise<GatewayFacts | undefined> {
  if (!isEnabled()) return undefined;
  try {
    return { health: readHealth(await askDaemon('/api/health')), problem: '', remedy: '' };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const remedy = error instanceof Error && 'remedy' in error ? String(error.remedy) : '';
    return { health: undefined, problem, remedy };
  }
}
