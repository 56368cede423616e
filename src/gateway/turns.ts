/** Runs of one job, never two at once. */
export interface Turns {
  /** Resolves when a run that began after the request has ended; its failure is the job's to tell. */
  request(): Promise<void>;
  close(): void;
}

export interface TurnsOptions {
  /** How long to wait for further requests before a run. */
  readonly settleMs: number;
  /** Runs take at most this share of the time: after a run of 1 s with a share of 0.25 the next one waits for 3 s. */
  readonly share: number;
  readonly now: () => number;
}

/** Requests that come while a run waits share it; those that come while it runs share the next one. */
export function createTurns(job: () => Promise<void>, { settleMs, share, now }: TurnsOptions): Turns {
  let waiting: Promise<void> | undefined;
  let running: Promise<void> = Promise.resolve();
  let earliest = 0;
  const closed = new AbortController();

  const wait = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      closed.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  const run = async () => {
    await running;
    await wait(Math.max(settleMs, earliest - now()));
    waiting = undefined;
    if (closed.signal.aborted) return;
    const start = now();
    running = job();
    await running;
    earliest = now() + ((now() - start) * (1 - share)) / share;
  };
  return {
    request: () => (waiting ??= run()),
    close: () => {
      closed.abort();
    },
  };
}
