import { describe, expect, it } from 'vitest';
import { placeRoute } from '../../src/veth/place-route.ts';
import type { KernelRoute } from '../../src/sys/link-info.ts';

const MAIN = 254;
const [OURS, OTHER] = [5, 2];

function there(dst: string, metric: number, more: Partial<KernelRoute> = {}): KernelRoute {
  const plain = { gw: undefined, link: OTHER, table: MAIN, scope: 0, mtu: undefined, advmss: undefined };
  return { ...plain, dst, metric, ...more };
}

const V4 = { dst: '0.0.0.0/0', gw: '10.2.0.1' };
const V6 = { dst: '::/0', gw: 'fd02::1' };
const metricOf = (route: typeof V4 & { priority?: number; table?: number }, routes: readonly KernelRoute[]) =>
  placeRoute(route, OURS, routes)?.priority;

describe('placeRoute()', () => {
  it.each([V4, V6])('leaves the metric to the kernel where nothing is there: %j', (route) => {
    expect(placeRoute(route, OURS, [])).toEqual({ ...route, priority: undefined });
  });

  it('puts IPv4 behind the last of those that are there', () => {
    expect(metricOf(V4, [there(V4.dst, 0)])).toBeUndefined();
    expect(metricOf(V4, [there(V4.dst, 0), there(V4.dst, 100)])).toBe(100);
  });

  it('gives IPv6 a metric of its own, above all that are there: the first may be gone, and free', () => {
    expect(metricOf(V6, [there(V6.dst, 1024)])).toBe(1025);
    expect(metricOf(V6, [there(V6.dst, 1030)])).toBe(1031);
    expect(metricOf(V6, [there(V6.dst, 256)])).toBeUndefined();
  });

  it('keeps a priority that was asked for; where it is taken, IPv6 has the next that is free', () => {
    expect(metricOf({ ...V4, priority: 7 }, [there(V4.dst, 100)])).toBe(7);
    expect(metricOf({ ...V6, priority: 7 }, [there(V6.dst, 7), there(V6.dst, 8)])).toBe(9);
    expect(metricOf({ ...V6, priority: 7 }, [there(V6.dst, 1024)])).toBe(7);
  });

  it('heeds the table and the destination', () => {
    const others = [there(V6.dst, 1024, { table: 100 }), there('2001:db8::/32', 1024)];
    expect(metricOf(V6, others)).toBeUndefined();
    expect(metricOf({ ...V6, table: 100 }, others)).toBe(1025);
  });

  it('has nothing to add where the very route is there', () => {
    expect(placeRoute(V6, OURS, [there(V6.dst, 1024, { gw: V6.gw, link: OURS })])).toBeUndefined();
    expect(placeRoute(V6, OURS, [there(V6.dst, 1024, { gw: V6.gw, link: OTHER })])).toBeDefined();
    expect(placeRoute(V6, OURS, [there(V6.dst, 1024, { gw: 'fd02::9', link: OURS })])).toBeDefined();
  });
});
