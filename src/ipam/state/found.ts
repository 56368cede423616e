import type { Decoded } from './decode.ts';
import { isOtherBoot, rebuild } from './rebuild.ts';
import { enterBoot, reclaim } from '../release.ts';
import { emptyState, type State } from '../state.ts';
import type { Allocation, Holders, Proof } from '../types.ts';
import type { View } from '../view.ts';
import type { Verdict } from './witness.ts';

export interface Host {
  readonly bootId: string;
  /** RFC 3339, UTC. */
  readonly now: string;
  readonly holders: Holders;
  /** Whether the state is known to cover every link of the host. */
  readonly isComplete: boolean;
  readonly verdict: Verdict;
}

export interface Found {
  /** State to work on: of this boot, and repaired as far as possible without listing the host's links. */
  readonly state: State;
  /** The state of an intact file; undefined if the file has to be written in any case. */
  readonly original: State | undefined;
  readonly isDamaged: boolean;
  /** False for a file that flatnet did not write last: the data of its allocations is dropped. */
  readonly isTrusted: boolean;
  /** False if the state has to be joined with the host's links before use. */
  readonly isReliable: boolean;
  readonly view: View;
}

/** @param decoded undefined if there is no file. */
export function assess(decoded: Decoded | undefined, host: Host): Found {
  const { holders, bootId, now } = host;
  const view = { now, isLive: holders.isLive, isRunning: holders.isRunning };
  if (decoded === undefined) {
    const state = emptyState(bootId);
    return { state, original: undefined, isDamaged: false, isTrusted: true, isReliable: false, view };
  }
  const { page, state } = decoded;
  if (page !== undefined) {
    const isReliable = host.isComplete || isBelievable(state, host);
    const isTrusted = host.verdict !== 'other';
    const entered = enterBoot(state, bootId, now);
    return { state: entered, original: state, isDamaged: false, isTrusted, isReliable, view };
  }
  const isVoid = isOtherBoot(state.bootId, bootId);
  const repaired = isVoid ? enterBoot(state, bootId, now) : { ...state, bootId };
  return { state: repaired, original: undefined, isDamaged: true, isTrusted: false, isReliable: false, view };
}

/**
 * Whether nothing on the host contradicts the state: no unknown link, and it was written last or no known link exists.
 */
function isBelievable(state: State, { holders, verdict }: Host): boolean {
  const lacksLinks = holders.strays?.(knownLinks(state)) === true;
  return !lacksLinks && (verdict === 'last' || ![...state.allocations.values()].some(holders.isLive));
}

/**
 * Joins the state with the host's links. An untrusted file adds only the attachments that a process is making, and
 * former holders: its port mappings may be those of an earlier container.
 */
export function joinLinks(found: Found, links: readonly Proof[]): Found {
  const { state, view, isTrusted } = found;
  const joined = isTrusted
    ? rebuild(state, links, view.now)
    : reclaim(rebuild(withoutData(state), links, view.now), {}, view).state;
  return { ...found, state: joined, original: undefined, isReliable: true };
}

function withoutData(state: State): State {
  const allocations = new Map<string, Allocation>();
  for (const [key, entry] of state.allocations) {
    const { data: _, ...bare } = entry;
    allocations.set(key, bare);
  }
  return { ...state, allocations };
}

export function knownLinks(state: State): ReadonlySet<string> {
  const known = new Set<string>();
  for (const { hostIfname } of state.allocations.values()) {
    if (hostIfname !== undefined) {
      known.add(hostIfname);
    }
  }
  return known;
}
