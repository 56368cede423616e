import type { PluginConfiguration } from './configuration.ts';

/** Where a small pool starts, counted from the network address: clear of gateways at either end. */
const OFFSET = 10;

interface Range {
  readonly subnet?: unknown;
  readonly [key: string]: unknown;
}

/**
 * The same configuration with only `count` IPv4 addresses to give out, in host-local's spelling: the first range set
 * is cut down, further sets stay. `undefined` when it names no IPv4 subnet of at least /27.
 */
export function narrowPool(plugin: PluginConfiguration, count: number): PluginConfiguration | undefined {
  const { ipam } = plugin;
  if (typeof ipam !== 'object' || ipam === null) return undefined;
  const { subnet, ranges } = ipam as Record<string, unknown>;
  if (subnet !== undefined) {
    const bounds = boundsOf(subnet, count);
    return bounds === undefined ? undefined : { ...plugin, ipam: { ...ipam, ...bounds } };
  }
  const [firstSet, ...otherSets] = (Array.isArray(ranges) ? ranges : []) as Range[][];
  const first = firstSet?.[0];
  const bounds = boundsOf(first?.subnet, count);
  if (bounds === undefined) return undefined;
  return { ...plugin, ipam: { ...ipam, ranges: [[{ ...first, ...bounds }], ...otherSets] } };
}

function boundsOf(subnet: unknown, count: number): { rangeStart: string; rangeEnd: string } | undefined {
  const [, address, prefix] = /^([\d.]+)\/(\d+)$/.exec(String(subnet)) ?? [];
  if (address === undefined || Number(prefix) > 27) return undefined;
  const network = toNumber(address);
  return { rangeStart: toText(network + OFFSET), rangeEnd: toText(network + OFFSET + count - 1) };
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

function toText(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** The n-th address a pool of {@link narrowPool} would give, with the prefix length of its subnet. */
export function poolAddress(plugin: PluginConfiguration, index: number): string | undefined {
  const ipam = narrowPool(plugin, index + 1)?.ipam ?? {};
  const { ranges, ...bounds } = ipam as Bounds & { ranges?: Bounds[][] };
  const { subnet = '', rangeEnd } = bounds.rangeEnd === undefined ? (ranges?.[0]?.[0] ?? {}) : bounds;
  return rangeEnd === undefined ? undefined : `${rangeEnd}/${subnet.split('/')[1] ?? ''}`;
}

interface Bounds {
  readonly subnet?: string;
  readonly rangeEnd?: string;
}
