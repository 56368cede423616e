import type { PluginConfiguration } from './configuration.ts';

/** Offset of a small pool from the network address: clear of gateways at either end. */
const OFFSET = 10;

/** The keys of `ipam` that depend on the subnet. */
const RANGE_KEYS = ['subnet', 'rangeStart', 'rangeEnd', 'gateway', 'ranges'];

interface Range {
  readonly subnet?: unknown;
  readonly [key: string]: unknown;
}

/**
 * Narrows the configuration to `count` IPv4 addresses, in host-local's spelling: cuts the first range set and keeps the
 * others. `undefined` if it names no IPv4 subnet of at least /27.
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

/** The n-th address of a pool of {@link narrowPool}, with the prefix length of its subnet. */
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

/** Replaces all ranges by another IPv4 subnet; `undefined` as {@link narrowPool}. */
export function movePool(plugin: PluginConfiguration, subnet: string): PluginConfiguration | undefined {
  if (narrowPool(plugin, 1) === undefined) return undefined;
  const ipam = Object.entries(plugin.ipam as object) as [string, unknown][];
  const rest = ipam.filter(([key]) => !RANGE_KEYS.includes(key));
  const spelt = ipam.some(([key]) => key === 'subnet') ? { subnet } : { ranges: [[{ subnet }]] };
  return { ...plugin, ipam: { ...Object.fromEntries(rest), ...spelt } };
}

/** Adds a range set, from which every container gets another address. */
export function addPool(plugin: PluginConfiguration, subnet: string): PluginConfiguration | undefined {
  const ranges: unknown = (plugin.ipam as { ranges?: unknown } | undefined)?.ranges;
  if (!Array.isArray(ranges)) return undefined;
  return {
    ...plugin,
    ipam: { ...(plugin.ipam as object), ranges: [...(ranges as unknown[]), [{ subnet }]] },
  };
}

/** Adds routes to the configuration, in host-local's spelling. */
export function addRoutes(plugin: PluginConfiguration, routes: readonly object[]): PluginConfiguration {
  const ipam = plugin.ipam as { routes?: readonly object[] };
  return { ...plugin, ipam: { ...ipam, routes: [...(ipam.routes ?? []), ...routes] } };
}
