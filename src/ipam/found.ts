import type { Decoded } from './codec.ts';
import { isOtherBoot, rebuild } from './rebuild.ts';
import { enterBoot, reclaim } from './release.ts';
import { emptyState, type State } from './state.ts';
import type { Allocation, Holders } from './types.ts';
import type { View } from './view.ts';

/** The host at one moment. */
export interface Host {
  readonly bootId: string;
  /** RFC 3339, UTC. */
  readonly now: string;
  readonly holders: Holders;
  /** Whether it is known that the state has all that the host has. */
  readonly isComplete: boolean;
}

/** What was found on disk, and on the host at that moment. */
export interface Found {
  /** What to work on: of this boot, and repaired as far as that needs no look at the host's links. */
  readonly state: State;
  /** The state that is on disk as it should be; undefined when there is none. */
  readonly original: State | undefined;
  /** Whether the file was changed by anyone else. */
  readonly isDamaged: boolean;
  /** Whether the state can be worked on as it is; else the host has to be asked what it still has. */
  readonly isReliable: boolean;
  readonly view: View;
}

/** Judges what was read. @param decoded - undefined when there is no file. */
export function assess(decoded: Decoded | undefined, { holders, bootId, now, isComplete }: Host): Found {
  const view = { now, isLive: holders.isLive, isRunning: holders.isRunning };
  if (decoded === undefined) {
    const state = emptyState(bootId);
    return { state, original: undefined, isDamaged: false, isReliable: false, view };
  }
  const { intact, state } = decoded;
  if (intact) {
    const isReliable = isComplete || holders.strays?.(knownLinks(state)) !== true;
    return { state: enterBoot(state, bootId, view.now), original: state, isDamaged: false, isReliable, view };
  }
  const isVoid = isOtherBoot(state.bootId, bootId);
  const repaired = isVoid ? enterBoot(state, bootId, view.now) : { ...state, bootId };
  return { state: repaired, original: undefined, isDamaged: true, isReliable: false, view };
}

/**
 * Joins the state with what the host's links say. What a damaged file says of a dead holder is not worth keeping: its
 * key may be the damaged part.
 */
export function joinLinks(found: Found, links: readonly Allocation[]): Found {
  const joined = rebuild(found.state, links);
  const state = found.isDamaged ? reclaim(joined, {}, found.view).state : joined;
  return { ...found, state, original: undefined, isReliable: true };
}

function knownLinks(state: State): ReadonlySet<string> {
  const known = new Set<string>();
  for (const { hostIfname } of state.allocations.values()) {
    if (hostIfname !== undefined) {
      known.add(hostIfname);
    }
  }
  return known;
}
