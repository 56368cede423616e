import { isDeepStrictEqual } from 'node:util';
import type { Backend, PortReason, Refusal, Route, RouteOptions, RouteState } from '../model.ts';
import { badLabel } from './forms.ts';
import { hostLabelOf } from './host-names.ts';
import type { Wanted } from './plan-container.ts';

/*
 * Who gets which host and path. The oldest container comes first, and what it has is not taken from it (gateway.md D10);
 * several answer one name only if each says so by the same `flatnet.balance`.
 */

/** A route that is being made. */
interface Draft {
  readonly id: string;
  readonly hosts: readonly string[];
  readonly path: string;
  readonly options: RouteOptions;
  readonly portReason: PortReason;
  readonly backends: Backend[];
}

/** Containers behind one name. Its first member has claimed the hosts for all. */
interface Pool {
  readonly founder: Wanted;
  readonly draft: Draft | undefined;
  readonly conflicts: readonly Refusal[];
}

export interface Claims {
  readonly routes: readonly Route[];
  /** What a container did not get, by its id. */
  readonly refusals: ReadonlyMap<string, readonly Refusal[]>;
}

interface Ledger {
  /** Names of owners by host and path. */
  readonly owners: Map<string, string>;
  readonly ids: Set<string>;
  readonly pools: Map<string, Pool>;
  readonly drafts: Draft[];
  readonly refusals: Map<string, Refusal[]>;
}

function refuse(ledger: Ledger, { container }: Wanted, refusals: readonly Refusal[]): void {
  ledger.refusals.set(container.id, [...(ledger.refusals.get(container.id) ?? []), ...refusals]);
}

/** An id that no other route has: two names may make the same host label. */
function takeId(ledger: Ledger, base: string, containerID: string): string {
  const own = containerID.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const candidates = [base, `${base}-${own.slice(0, 12)}`, `${base}-${own.slice(0, 64)}`];
  const free = candidates.find((id) => !ledger.ids.has(id));
  let id = free ?? base;
  for (let count = 2; ledger.ids.has(id); count += 1) id = `${base}-${count}`;
  ledger.ids.add(id);
  return id;
}

function idBase({ container, labels }: Wanted): string {
  const name = hostLabelOf(container.name) ?? hostLabelOf(container.id.slice(0, 12)) ?? 'container';
  return labels.service === undefined ? name : `${name}--${labels.service}`;
}

/** Claims hosts for a route; what others have is told of, the rest makes a route. */
function claim(
  ledger: Ledger,
  wanted: Wanted,
  { hosts, base }: { readonly hosts: readonly string[]; readonly base: string },
): { readonly draft: Draft | undefined; readonly conflicts: readonly Refusal[] } {
  const { container, labels, chosen } = wanted;
  const { path, options } = labels;
  const free: string[] = [];
  const conflicts: Refusal[] = [];
  for (const host of new Set(hosts)) {
    const place = host + path;
    const owner = ledger.owners.get(place);
    if (owner === undefined) {
      free.push(host);
      ledger.owners.set(place, container.name);
    } else conflicts.push({ why: 'conflict', host, path, owner });
  }
  if (free.length === 0) return { draft: undefined, conflicts };
  const id = takeId(ledger, base, container.id);
  const draft = { id, hosts: free, path, options, portReason: chosen.reason, backends: [wanted.backend] };
  ledger.drafts.push(draft);
  return { draft, conflicts };
}

/** Whether two services may stand for each other. */
function isAlike({ labels: one }: Wanted, { labels: other }: Wanted): boolean {
  const isSame = one.path === other.path && isDeepStrictEqual(one.options, other.options);
  return isSame && isDeepStrictEqual([...one.hosts].sort(), [...other.hosts].sort());
}

/** Puts a service behind the name that it shares, or says why it cannot be there. */
function join(ledger: Ledger, wanted: Wanted): void {
  const { balance } = wanted.labels;
  if (balance === undefined) return;
  const pool = ledger.pools.get(balance.pool);
  if (pool === undefined) {
    const base = `pool--${balance.pool}`;
    const claimed = claim(ledger, wanted, { hosts: wanted.named, base });
    ledger.pools.set(balance.pool, { founder: wanted, ...claimed });
    refuse(ledger, wanted, claimed.conflicts);
  } else if (isAlike(pool.founder, wanted)) {
    pool.draft?.backends.push(wanted.backend);
    refuse(ledger, wanted, pool.conflicts);
  } else refuse(ledger, wanted, [badLabel(balance, 'samePool')]);
}

const BEST: readonly RouteState[] = ['ready', 'starting', 'unhealthy', 'paused', 'stopped'];

function asRoute(draft: Draft): Route {
  const states = new Set(draft.backends.map(({ state }) => state));
  return { ...draft, state: BEST.find((state) => states.has(state)) ?? 'stopped' };
}

/** @param wanted services in the order of their rights: the oldest container first. */
export function claimRoutes(wanted: readonly Wanted[]): Claims {
  const ledger: Ledger = {
    owners: new Map(),
    ids: new Set(),
    pools: new Map(),
    drafts: [],
    refusals: new Map(),
  };
  for (const one of wanted) {
    const isPooled = one.labels.balance !== undefined;
    if (isPooled) join(ledger, one);
    const hosts = isPooled ? one.given : [...one.named, ...one.given];
    if (hosts.length > 0) {
      refuse(ledger, one, claim(ledger, one, { hosts, base: idBase(one) }).conflicts);
    }
  }
  return { routes: ledger.drafts.map(asRoute), refusals: ledger.refusals };
}
