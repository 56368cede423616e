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
  /** Whether the state is known to cover every link of the host. */
  readonly isComplete: boolean;
  /** Whether the file is the one that was written last. */
  readonly verdict: Verdict;
}

/** The state on disk, judged by what the host has at that moment. */
export interface Found {
  /** The state to work on: of this boot, and repaired as far as possible without listing the host's links. */
  readonly state: State;
  /** The state as an intact file has it; undefined when the file has to be written in any case. */
  readonly original: State | undefined;
  /** Whether the file was damaged or edited. */
  readonly isDamaged: boolean;
  /** False for a file that flatnet did not write last: the data of its allocations is dropped. */
  readonly isTrusted: boolean;
  /** Whether the state can be used as it is; else it has to be joined with the host's links first. */
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

/** Whether nothing on the host can contradict the state: it was written last and covers all links, or no link stands. */
function isBelievable(state: State, { holders, verdict }: Host): boolean {
  const lacksLinks = holders.strays?.(knownLinks(state)) === true;
  return !lacksLinks && (verdict === 'last' || ![...state.allocations.values()].some(holders.isLive));
}

/**
 * Joins the state with the host's links. Of an untrusted file only the attachments that a process is working on, and the
 * former holders of addresses, are kept: the ports it remembers may be those of an earlier container.
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
