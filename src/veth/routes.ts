import { formatAddress } from '../input/address.ts';
import { fromBytes } from '../input/address-bytes.ts';
import { isPlain, type Kernel } from '../sys/kernel.ts';
import type { KernelRoute } from '../sys/link-info.ts';
import { METRIC, ROUTE, TABLE_MAIN } from '../sys/netlink/address-requests.ts';
import { FLAG, request } from '../sys/netlink/netlink.ts';
import { type Message, parseAttributes, read32 } from '../sys/netlink/message.ts';

/* Routes of every kernel table (rtnetlink(7)). The constants are those of <linux/rtnetlink.h>. */

const GET_ROUTE = 26;
const HEADER_LENGTH = 12;
const FAMILY = { 4: 2, 6: 10 } as const;
const TYPE_UNICAST = 1;
/** Length of `struct rtnexthop`. */
const NEXTHOP_LENGTH = 8;

type Attributes = ReturnType<typeof parseAttributes>;

function numberOf(bytes: Buffer | undefined): number | undefined {
  return bytes === undefined ? undefined : read32(bytes, 0);
}

function gatewayOf(attributes: Attributes): string | undefined {
  const bytes = attributes.get(ROUTE.gateway);
  return bytes === undefined ? undefined : formatAddress(fromBytes(bytes));
}

/** Next hops of a route: a single one, or a list of `struct rtnexthop`, each with attributes. */
function waysOf(attributes: Attributes): readonly Pick<KernelRoute, 'gw' | 'link'>[] {
  const list = attributes.get(ROUTE.multipath);
  if (list === undefined)
    return [{ gw: gatewayOf(attributes), link: numberOf(attributes.get(ROUTE.oif)) ?? 0 }];
  const ways: Pick<KernelRoute, 'gw' | 'link'>[] = [];
  for (let at = 0; at + NEXTHOP_LENGTH <= list.length;) {
    const length = read32(list, at) & 0xffff;
    if (length < NEXTHOP_LENGTH) break;
    const own = parseAttributes(list.subarray(at, at + length), NEXTHOP_LENGTH);
    ways.push({ gw: gatewayOf(own), link: read32(list, at + 4) });
    at += (length + 3) & ~3;
  }
  return ways;
}

function routesOf(family: 4 | 6, { body }: Message): readonly KernelRoute[] {
  // A kernel without a family answers with the others' routes.
  if (body[7] !== TYPE_UNICAST || body[0] !== FAMILY[family]) return [];
  const attributes = parseAttributes(body, HEADER_LENGTH);
  const metrics = parseAttributes(attributes.get(ROUTE.metrics) ?? Buffer.alloc(0));
  const bytes = attributes.get(ROUTE.dst) ?? Buffer.alloc(family === 4 ? 4 : 16);
  const shared = {
    dst: `${formatAddress(fromBytes(bytes))}/${body[1] ?? 0}`,
    table: numberOf(attributes.get(ROUTE.table)) ?? body[4] ?? TABLE_MAIN,
    metric: numberOf(attributes.get(ROUTE.priority)) ?? 0,
    scope: body[6] ?? 0,
    mtu: numberOf(metrics.get(METRIC.mtu)),
    advmss: numberOf(metrics.get(METRIC.advmss)),
  };
  return waysOf(attributes).map((way) => ({ ...shared, ...way }));
}

/** All unicast routes of a family, of every table, in the kernel's order: of equal ones the first is used. */
export function listRoutes(kernel: Kernel, family: 4 | 6): readonly KernelRoute[] {
  if (isPlain(kernel)) return kernel.routes(family);
  const body = Buffer.alloc(HEADER_LENGTH);
  body[0] = FAMILY[family];
  const line = `-${family} route show table all`;
  return request(kernel, { line, type: GET_ROUTE, flags: FLAG.dump, body }).flatMap((message) =>
    routesOf(family, message),
  );
}
