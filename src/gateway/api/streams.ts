/** The event streams of one door: how many are open, and what ends them all. */
export interface Streams {
  /** Takes a place; `undefined` if all are taken. The function it returns gives it back, once. */
  readonly take: () => (() => void) | undefined;
  /** Aborted when the door closes. */
  readonly signal: AbortSignal;
  readonly close: () => void;
}

/** An open stream costs a socket and a subscription; a page has one. */
const LIMIT = 256;

export function createStreams(limit = LIMIT): Streams {
  const ending = new AbortController();
  let taken = 0;
  return {
    take: () => {
      if (taken >= limit || ending.signal.aborted) return undefined;
      taken += 1;
      let isTaken = true;
      return () => {
        if (isTaken) taken -= 1;
        isTaken = false;
      };
    },
    signal: ending.signal,
    close: () => {
      ending.abort();
    },
  };
}
