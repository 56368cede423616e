/**
 * A clock that never steps. Not `performance.now()`: the first use of the global `performance` loads thirteen modules
 * of Node, 0.9 ms of every call.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Milliseconds since Node started. */
export function uptimeMs(): number {
  return process.uptime() * 1000;
}

/** Yields to the event loop, so that work begun earlier runs until it has to wait. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Calls `look` at once and then every `everyMs` until it answers; `undefined` on timeout. */
export async function until<T>(
  look: () => Promise<T | undefined>,
  { timeoutMs, everyMs }: { readonly timeoutMs: number; readonly everyMs: number },
): Promise<T | undefined> {
  const deadline = monotonicMs() + timeoutMs;
  for (;;) {
    const answer = await look();
    if (answer !== undefined || monotonicMs() >= deadline) return answer;
    await pause(everyMs);
  }
}
