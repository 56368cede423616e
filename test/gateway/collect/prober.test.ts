import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProber, type Target } from '../../../src/gateway/collect/prober.ts';
import { probeKey } from '../../../src/gateway/model.ts';
import type { AskedPort, PortAnswer } from '../../../src/sys/port-answer.ts';

const TARGET: Target = { address: '10.87.1.2', port: 3000, http: true, life: 'one' };
const KEY = probeKey(TARGET.address, TARGET.port);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A port that answers as it is told, and what was asked of it. */
function lab(first: PortAnswer) {
  const seen = { answer: first, asked: 0, http: 0, changes: 0 };
  const ask = ({ http }: AskedPort): Promise<PortAnswer> => {
    seen.asked += 1;
    if (http) seen.http += 1;
    return Promise.resolve(seen.answer === 'http' && !http ? 'accepts' : seen.answer);
  };
  const onChange = () => {
    seen.changes += 1;
  };
  const prober = createProber({ now: () => Date.now(), onChange, ask });
  prober.watch([TARGET]);
  return { seen, prober };
}

describe('the prober', () => {
  it('notices within a quarter of a second that a container listens', async () => {
    const { seen, prober } = lab('refused');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(prober.probes().get(KEY)).toMatchObject({ accepts: false, speaksHttp: undefined });
    const { changes } = seen;
    seen.answer = 'http';
    await vi.advanceTimersByTimeAsync(250);
    expect(prober.probes().get(KEY)).toMatchObject({ accepts: true, speaksHttp: true });
    expect(seen.changes).toBe(changes + 1);
  });

  it('leaves one that answers alone for most of the time, and asks it for a page once', async () => {
    const { seen } = lab('http');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seen.asked).toBeLessThanOrEqual(5);
    expect(seen.http).toBe(1);
  });

  it('loses its haste with one that never listens', async () => {
    const { seen } = lab('refused');
    await vi.advanceTimersByTimeAsync(60_000);
    const eager = seen.asked;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seen.asked - eager).toBeLessThanOrEqual(21);
  });

  it('tries at once again where somebody was just refused', async () => {
    const { seen, prober } = lab('http');
    await vi.advanceTimersByTimeAsync(1_000);
    seen.answer = 'refused';
    prober.retry(TARGET.address, TARGET.port);
    await vi.advanceTimersByTimeAsync(1);
    expect(prober.probes().get(KEY)?.accepts).toBe(false);
  });

  it('knows nothing of a new life by the old one, and nothing of what is watched no more', async () => {
    const { seen, prober } = lab('http');
    await vi.advanceTimersByTimeAsync(1_000);
    seen.answer = 'refused';
    prober.watch([{ ...TARGET, life: 'two' }]);
    expect(prober.probes().get(KEY)).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(prober.probes().get(KEY)?.accepts).toBe(false);
    prober.watch([]);
    const { asked } = seen;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(prober.probes().size).toBe(0);
    expect(seen.asked).toBe(asked);
  });

  it('keeps the probe of a port that goes on answering alike, with its time', async () => {
    const { prober } = lab('http');
    await vi.advanceTimersByTimeAsync(1);
    const first = prober.probes().get(KEY);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(prober.probes().get(KEY)).toBe(first);
  });
});
