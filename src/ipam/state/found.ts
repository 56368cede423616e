import type { Decoded } from './decode.ts';
import { isOtherBoot, rebuild } from './rebuild.ts';
import { enterBoot, reclaim } from '../release.ts';
import { emptyState, type State } from '../state.ts';
import type { Allocation, Holders } from '../types.ts';
import type { View } from '../view.ts';
import type { Verdict } from './witness.ts';

/** The host at one moment. */
export interface Host {
  readonly bootId: string;
  /** RFC 3339, UTC. */
  readonly now: string;
  readonly holders: Holders;
  /** Whether it is known that the state has all that the host has. */
  readonly isComplete: boolean;
  /** Whether the file is the one that was written last. */
  readonly verdict: Verdict;
}

/** What was found on disk, and on the host at that moment. */
export interface Found {
  /** What to work on: of this boot, and repaired as far as that needs no look at the host's links. */
  readonly state: State;
  /** The state that is on disk as it should be; undefined when there is none. */
  readonly original: State | undefined;
  /** Whether the file was changed by anyone else. */
  readonly isDamaged: boolean;
  /** Whether the file is what flatnet wrote last, as far as anybody knows; else what it remembers is not obeyed. */
  readonly isTrusted: boolean;
  /** Whether the state can be worked on as it is; else the host has to be asked what it still has. */
  readonly isReliable: boolean;
  readonly view: View;
}

/** Judges what was read. @param decoded - undefined when there is no file. */
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
 * Whether nothing on the host can contradict the state: it is what was written last and lacks no link, or there is no
 * link at all.
 */
function isBelievable(state: State, { holders, verdict }: Host): boolean {
  const lacksLinks = holders.strays?.(knownLinks(state)) === true;
  return !lacksLinks && (verdict === 'last' || ![...state.allocations.values()].some(holders.isLive));
}

/**
 * Joins the state with what the host's links say. Of a file that is not the one written last, only who works on an
 * attachment right now is worth keeping, and who had an address before: ports it remembers may be another life's.
 */
export function joinLinks(found: Found, links: readonly Allocation[]): Found {
  const { state, view, isTrusted } = found;
  const joined = isTrusted
    ? rebuild(state, links)
    : reclaim(rebuild(withoutData(state), links), {}, view).state;
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

/** Host interface names that the state has. */
export function knownLinks(state: State): ReadonlySet<string> {
  const known = new Set<string>();
  for (const { hostIfname } of state.allocations.values()) {
    if (hostIfname !== undefined) {
      known.add(hostIfname);
    }
  }
  return known;
}
