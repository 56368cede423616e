/**
 * Milliseconds of a clock that never steps. The first use of the global `performance` loads thirteen modules of Node,
 * 0.9 ms of every call.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Milliseconds since Node began. */
export function uptimeMs(): number {
  return process.uptime() * 1000;
}

/** Lets work that was begun earlier run until it has to wait. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Looks, at once and then every so often, until there is an answer; `undefined` when there is none in time. */
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
