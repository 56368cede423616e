import type { LinkInfo } from '../../sys/process/ip.ts';
import type { Facts } from './facts.ts';

/** The link of the default route with the lowest metric; `undefined` without a default route. */
export function uplinkOf({ routes, links }: Pick<Facts, 'routes' | 'links'>): LinkInfo | undefined {
  const defaults = routes
    .filter(({ dst }) => dst === 'default')
    .toSorted((one, other) => (one.metric ?? 0) - (other.metric ?? 0));
  return links.find(({ ifname }) => ifname === defaults[0]?.dev);
}
