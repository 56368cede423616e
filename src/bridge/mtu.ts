import { type Kernel, mtuOf } from '../sys/kernel.ts';
import { defaultRouteLink } from '../sys/proc.ts';

const FALLBACK_MTU = 1500;
/** The largest MTU of a bridge; `lo` may have more. */
const LARGEST_MTU = 65_535;

/** Minimum by IP version: RFC 791, and RFC 8200 section 5, below which Linux disables IPv6 on a link. */
export const LEAST_MTU: Readonly<Record<4 | 6, number>> = { 4: 68, 6: 1280 };

/** An MTU and its origin, for messages: `link "eth0" of the default route`. */
export interface Mtu {
  readonly bytes: number;
  readonly source: string;
}

/** The MTU of a network that configures none: that of the default route's link. */
export function uplinkMtu(kernel: Kernel): Mtu {
  const uplink = defaultRouteLink();
  const bytes = uplink === undefined ? undefined : mtuOf(kernel, uplink);
  if (uplink === undefined || bytes === undefined) return { bytes: FALLBACK_MTU, source: 'Ethernet' };
  return { bytes: Math.min(bytes, LARGEST_MTU), source: `link "${uplink}" of the default route` };
}
