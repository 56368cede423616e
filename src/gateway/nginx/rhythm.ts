/** Values that follow each other so quickly are one. */
const QUIET_MS = 200;
/** A value waits no longer for others. */
const MOST_MS = 1_000;

/** Turns that never overlap, each with the latest value. */
export interface Rhythm<T> {
  /** Makes a turn with that value soon. */
  want(value: T): void;
  /** Makes a turn now, if there is a value. */
  again(): void;
  /** Makes no further turn, and waits for the one that runs. */
  close(): Promise<void>;
}

/** @param turn returns milliseconds until the next one, if nothing else is wanted until then. */
export function createRhythm<T>(turn: (value: T) => Promise<number>, now: () => number): Rhythm<T> {
  let latest: { readonly value: T } | undefined;
  /** Since when there is a value that no turn has seen. */
  let unseenSince: number | undefined;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const schedule = (milliseconds: number): void => {
    clearTimeout(timer);
    if (!isClosed && running === undefined) timer = setTimeout(begin, Math.max(0, milliseconds));
  };
  const begin = (): void => {
    if (latest === undefined) return;
    unseenSince = undefined;
    running = turn(latest.value).then((next) => {
      running = undefined;
      schedule(unseenSince === undefined ? next : QUIET_MS);
    });
  };
  return {
    want(value) {
      latest = { value };
      unseenSince ??= now();
      schedule(Math.min(QUIET_MS, unseenSince + MOST_MS - now()));
    },
    again() {
      unseenSince ??= now();
      schedule(0);
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
