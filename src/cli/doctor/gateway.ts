import type { Facts } from '../facts/facts.ts';
import { count } from '../text/format.ts';
import { check, type Finding } from './finding.ts';

/** What browsers notice of a daemon that does not run: nginx goes on with the last state of the host. */
const STANDS_STILL = 'browsers reach the containers that were there when it stopped, and no others';

/** Nothing where no gateway is enabled. */
export function checkGateway({ gateway }: Pick<Facts, 'gateway'>): readonly Finding[] {
  if (gateway === undefined) return [];
  const { pass, warning, fail } = check('Gateway', 'flatnetd');
  const { health, problem, remedy } = gateway;
  if (health === undefined) return [fail(problem, { effect: STANDS_STILL, suggestion: remedy })];
  const { nginx, routes, services, troubles } = health;
  if (troubles.length > 0) {
    return troubles.map(({ message, remedy: suggestion }) => warning(message, { suggestion }));
  }
  const version = nginx.version ?? 'of unknown version';
  return [pass(`serves ${count(routes, 'route')} of ${count(services, 'container')} by nginx ${version}`)];
}
