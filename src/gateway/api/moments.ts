/** A time for a program; `null`, as JSON has no `undefined`, where there is none. */
export function moment(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}

/** Whole seconds since then, never below 0: clocks step. */
export function ageSeconds(time: number | undefined, now: number): number | null {
  return time === undefined ? null : Math.max(0, Math.floor((now - time) / 1_000));
}
