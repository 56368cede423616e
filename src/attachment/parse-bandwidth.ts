import { invalidValue } from '../input/parse.ts';
import type { Bandwidth } from '../veth/bandwidth.ts';

/** In bits: the reference bandwidth plugin's limit. The kernel keeps a burst as 32 bits of bytes. */
const BURST_LIMIT = 2 ** 32;

/** As configured: rates in bits per second, bursts in bits; 0 counts as absent. */
export interface Limits {
  readonly ingressRate?: number | undefined;
  readonly ingressBurst?: number | undefined;
  readonly egressRate?: number | undefined;
  readonly egressBurst?: number | undefined;
}

function pair(rate: number | undefined, burst: number | undefined): Bandwidth['ingress'] {
  return rate === undefined || burst === undefined || rate === 0 ? undefined : { rate, burst };
}

/**
 * Validates like the reference bandwidth plugin.
 * @throws FlatnetError for a rate without burst, a burst without rate, and a burst of 4 Gbit or more.
 */
export function parseBandwidth(limits: Limits, where: string): Bandwidth {
  for (const side of ['ingress', 'egress'] as const) {
    const [rate, burst] = [limits[`${side}Rate`] ?? 0, limits[`${side}Burst`] ?? 0];
    const expected = `a rate and a burst, both in bits and above zero, the burst below ${BURST_LIMIT}`;
    if (rate > 0 === burst > 0 && burst < BURST_LIMIT) continue;
    throw invalidValue(`${side}Burst`, burst, { expected, where });
  }
  return {
    ingress: pair(limits.ingressRate, limits.ingressBurst),
    egress: pair(limits.egressRate, limits.egressBurst),
  };
}
