import type { LinkSettings } from '../sys/netlink/link-settings.ts';

/** The longest queue that `ip` can set. */
export const LARGEST_QUEUE = 2 ** 31 - 1;

/** Settings of the interface in the sandbox; `undefined` if there are none, so that nothing has to be set. */
export function parseLink({ promisc, allmulti, txQLen }: LinkSettings): LinkSettings | undefined {
  const link = {
    // As in the tuning plugin, false asks for nothing.
    ...(promisc === true ? { promisc } : {}),
    ...(allmulti === undefined ? {} : { allmulti }),
    ...(txQLen === undefined ? {} : { txQLen }),
  };
  return Object.keys(link).length === 0 ? undefined : link;
}
