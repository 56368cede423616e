import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRhythm } from '../../../src/gateway/nginx/rhythm.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function listen(next = 60_000) {
  const seen: string[] = [];
  let finish: (() => void) | undefined;
  const rhythm = createRhythm<string>(async (value) => {
    seen.push(value);
    await new Promise<void>((resolve) => (finish = resolve));
    return next;
  }, Date.now);
  const end = async () => {
    finish?.();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { rhythm, seen, end };
}

describe('createRhythm()', () => {
  it('makes one turn of values that follow each other quickly, with the last one', async () => {
    const { rhythm, seen } = listen();
    for (const value of ['a', 'b', 'c']) {
      rhythm.want(value);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(seen).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(seen).toEqual(['c']);
  });

  it('waits no longer than a second for the last one', async () => {
    const { rhythm, seen } = listen();
    for (let count = 0; count < 11; count += 1) {
      rhythm.want(String(count));
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(seen).toHaveLength(1);
  });

  it('makes no turn while one runs, and the latest value wins', async () => {
    const { rhythm, seen, end } = listen();
    rhythm.want('a');
    await vi.advanceTimersByTimeAsync(200);
    for (const value of ['b', 'c']) {
      rhythm.want(value);
      await vi.advanceTimersByTimeAsync(2_000);
    }
    expect(seen).toEqual(['a']);
    await end();
    await vi.advanceTimersByTimeAsync(200);
    expect(seen).toEqual(['a', 'c']);
  });

  it('looks again after the time that a turn asks for', async () => {
    const { rhythm, seen, end } = listen(1_000);
    rhythm.want('a');
    await vi.advanceTimersByTimeAsync(200);
    await end();
    await vi.advanceTimersByTimeAsync(999);
    expect(seen).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen).toEqual(['a', 'a']);
  });

  it('makes no turn after it is closed, and waits for the one that runs', async () => {
    const { rhythm, seen, end } = listen();
    rhythm.want('a');
    await vi.advanceTimersByTimeAsync(200);
    const closed = rhythm.close();
    rhythm.want('b');
    await end();
    await closed;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(seen).toEqual(['a']);
  });
});
