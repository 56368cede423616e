import { networkOf, parseCidr, type Cidr, familyOf, bitsOf } from '../input/address.ts';
import { spansOverlap } from '../ipam/range.ts';

function cidrOf(text: string): Cidr | undefined {
  return parseCidr(text.includes('/') ? text : `${text}/${bitsOf(familyOf(text))}`);
}

/** The first of the routes and subnets that overlaps the subnet; default routes do not count. */
export function firstOverlap(subnet: string, taken: readonly string[]): string | undefined {
  const own = cidrOf(subnet);
  if (own === undefined) return undefined;
  return taken.find((text) => {
    const other = cidrOf(text);
    return other?.family === own.family && other.prefix > 0 && spansOverlap(networkOf(own), networkOf(other));
  });
}

/** For networks that name no subnet, in this order: 10.87.1.0/24 to 10.87.254.0/24. */
const CANDIDATES: readonly string[] = Array.from({ length: 254 }, (_, index) => `10.87.${index + 1}.0/24`);

/** `undefined` when all are taken. @param least number of the first candidate to try; those before it come last. */
export function findFreeSubnet(taken: readonly string[], least = 1): string | undefined {
  const candidates = [...CANDIDATES.slice(least - 1), ...CANDIDATES.slice(0, least - 1)];
  return candidates.find((subnet) => firstOverlap(subnet, taken) === undefined);
}

/** Names are `flatnet-br0`, …, counted from `least`. */
export function freeBridge(taken: readonly string[], least = 0): string {
  for (let number = least; ; number += 1) {
    const name = `flatnet-br${number}`;
    if (!taken.includes(name)) return name;
  }
}
