import { troubleOf } from '../doctor/names.ts';
import type { Facts } from '../facts/facts.ts';
import type { ServedNames } from '../facts/names.ts';

/** Names of containers in `flatnet status --json`. */
export interface NamesStatus {
  /** `waiting`: the first container starts the server. `off`: not wanted, or `why`. */
  readonly state: 'served' | 'failing' | 'waiting' | 'off';
  readonly server: 'aardvark' | 'dnsmasq' | null;
  readonly domain: string | null;
  readonly names: number;
  readonly why: string | null;
}

type Wanted = Pick<NamesStatus, 'state' | 'why'>;

/** Why nothing is served of a network. */
function unserved({ names, networks }: Facts, network: string): Wanted {
  const found = names.find((one) => one.network === network);
  if (found?.spec === undefined) return { state: 'off', why: null };
  if (found.lacking !== undefined) return { state: 'off', why: found.lacking };
  const isRunning = networks.some((one) => one.network.name === network && one.running.length > 0);
  return isRunning
    ? { state: 'off', why: 'its containers started before names were served' }
    : { state: 'waiting', why: null };
}

function ofServed(served: ServedNames): NamesStatus {
  const { program, filled } = served;
  const why = troubleOf(served) ?? null;
  return {
    state: why === null ? 'served' : 'failing',
    server: program.kind,
    domain: filled.zone.domain,
    names: filled.records.flatMap((record) => record.names).length,
    why,
  };
}

export function namesStatus(facts: Facts, network: string): NamesStatus {
  const found = facts.names.find((one) => one.network === network);
  if (found?.served !== undefined) return ofServed(found.served);
  return { ...unserved(facts, network), server: null, domain: found?.spec?.domain ?? null, names: 0 };
}
