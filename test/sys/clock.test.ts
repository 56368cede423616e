import { describe, expect, it, vi } from 'vitest';
import { monotonicMs } from '../../src/sys/clock.ts';

describe('monotonicMs()', () => {
  it('counts milliseconds as the system does', () => {
    const [ours, theirs] = [monotonicMs(), performance.now()];
    while (performance.now() - theirs < 20);
    expect(monotonicMs() - ours).toBeGreaterThan(19);
    expect(monotonicMs() - ours).toBeLessThan(performance.now() - theirs + 20);
  });

  it('does not follow a step of the wall clock', () => {
    const before = monotonicMs();
    vi.setSystemTime(new Date('2001-01-01'));
    try {
      expect(monotonicMs()).toBeGreaterThanOrEqual(before);
    } finally {
      vi.useRealTimers();
    }
  });
});
