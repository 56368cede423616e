import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createTurns } from '../../src/gateway/turns.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A job that takes its time, and counts. */
function jobOf(ms: number) {
  const seen = { begun: 0, running: 0, most: 0 };
  const job = async () => {
    seen.begun += 1;
    seen.running += 1;
    seen.most = Math.max(seen.most, seen.running);
    await new Promise((resolve) => setTimeout(resolve, ms));
    seen.running -= 1;
  };
  return { seen, job };
}

const OPTIONS = { settleMs: 100, share: 0.25, now: () => Date.now() };

it('a burst of requests is one run', async () => {
  const { seen, job } = jobOf(10);
  const turns = createTurns(job, OPTIONS);
  for (let count = 0; count < 50; count += 1) void turns.request();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(seen.begun).toBe(1);
});

it('a request during a run has a run of its own, which begins after the first', async () => {
  const { seen, job } = jobOf(1_000);
  const turns = createTurns(job, OPTIONS);
  void turns.request();
  await vi.advanceTimersByTimeAsync(500);
  let isDone = false;
  void turns.request().then(() => (isDone = true));
  await vi.advanceTimersByTimeAsync(800);
  expect({ ...seen, isDone }).toMatchObject({ begun: 1, most: 1, isDone: false });
  await vi.advanceTimersByTimeAsync(10_000);
  expect({ ...seen, isDone }).toMatchObject({ begun: 2, most: 1, isDone: true });
});

it('runs take no more than their share of the time, however many are asked for', async () => {
  const { seen, job } = jobOf(1_000);
  const turns = createTurns(job, OPTIONS);
  const asking = setInterval(() => void turns.request(), 50);
  await vi.advanceTimersByTimeAsync(40_000);
  clearInterval(asking);
  expect(seen.begun).toBeGreaterThanOrEqual(9);
  expect(seen.begun).toBeLessThanOrEqual(11);
});

it('nothing runs after it was closed, and nobody waits for ever', async () => {
  const { seen, job } = jobOf(10);
  const turns = createTurns(job, OPTIONS);
  const waiting = turns.request();
  turns.close();
  await vi.advanceTimersByTimeAsync(1_000);
  await waiting;
  expect(seen.begun).toBe(0);
});
