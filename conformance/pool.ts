import type { PluginConfiguration } from './configuration.ts';

/** Where a small pool starts, counted from the network address: clear of gateways at either end. */
const OFFSET = 10;

/** What `ipam` says about addresses; the other keys are the same for any subnet. */
const RANGE_KEYS = ['subnet', 'rangeStart', 'rangeEnd', 'gateway', 'ranges'];

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

/** The same configuration with another IPv4 subnet instead of all its ranges; `undefined` as {@link narrowPool} says. */
export function movePool(plugin: PluginConfiguration, subnet: string): PluginConfiguration | undefined {
  if (narrowPool(plugin, 1) === undefined) return undefined;
  const ipam = Object.entries(plugin.ipam as object) as [string, unknown][];
  const rest = ipam.filter(([key]) => !RANGE_KEYS.includes(key));
  const spelt = ipam.some(([key]) => key === 'subnet') ? { subnet } : { ranges: [[{ subnet }]] };
  return { ...plugin, ipam: { ...Object.fromEntries(rest), ...spelt } };
}

/** The same configuration with one more set of ranges, of which every container gets an address too. */
export function addPool(plugin: PluginConfiguration, subnet: string): PluginConfiguration | undefined {
  const ranges: unknown = (plugin.ipam as { ranges?: unknown } | undefined)?.ranges;
  if (!Array.isArray(ranges)) return undefined;
  return {
    ...plugin,
    ipam: { ...(plugin.ipam as object), ranges: [...(ranges as unknown[]), [{ subnet }]] },
  };
}

/** The same configuration with these routes beside its own, in host-local's spelling. */
export function addRoutes(plugin: PluginConfiguration, routes: readonly object[]): PluginConfiguration {
  const ipam = plugin.ipam as { routes?: readonly object[] };
  return { ...plugin, ipam: { ...ipam, routes: [...(ipam.routes ?? []), ...routes] } };
}
