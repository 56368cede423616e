import type { Context } from '../../sys/context.ts';
import { listedByHostLocal, othersOf } from '../../attachment/others.ts';
import { parseAddress } from '../../input/address.ts';
import { spanContains } from '../../ipam/range.ts';
import { neighboursOn } from '../../sys/process/ip.ts';
import type { HostNetwork } from '../network/host-network.ts';

export interface HeldByOther {
  readonly network: string;
  readonly address: string;
  /** `container "x" of host-local (PATH)`. */
  readonly by: string;
}

/** Addresses of networks that others hold: host-local's files and neighbours, filtered by the rules of ADD. */
export async function inspectOthers(
  networks: readonly HostNetwork[],
  ctx: Context,
): Promise<readonly HeldByOther[]> {
  const found = await Promise.all(
    networks.map(async ({ name, conf }) => {
      if (conf.ipam.from === 'source') return [];
      const ranges = conf.ipam.pool.sets.flat();
      const neighbours = await neighboursOn(conf.bridge, ctx);
      const candidates = [...new Set([...listedByHostLocal(conf), ...neighbours])].filter((text) => {
        const address = parseAddress(text);
        return ranges.some(
          ({ family, subnet }) => family === address?.family && spanContains(subnet, address.value),
        );
      });
      const takenBy = othersOf(conf, {}, ctx);
      return candidates.flatMap((address) => {
        const by = takenBy(address, false);
        return by === undefined ? [] : [{ network: name, address, by }];
      });
    }),
  );
  return found.flat();
}
