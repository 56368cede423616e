import { formatAddress } from '../input/address.ts';
import { fromBytes } from '../input/address-bytes.ts';
import type { Context } from './context.ts';
import type { LinkInfo } from './link-info.ts';
import { readAddresses } from './netlink/address-requests.ts';
import { linkIndex, linkMtu, readAlias } from './netlink/link-requests.ts';
import { lookAt } from './netlink/look.ts';
import {
  type Netlink,
  type NetlinkRequest,
  openNetlink,
  PROTOCOL,
  request,
  requestInBackground,
} from './netlink/netlink.ts';
import type { PlainKernel } from './plain/way.ts';

/*
 * The two ways to the kernel, side by side: what is asked of its links goes through here, what is asked of its packet filter
 * through firewall/commit.ts and firewall/read-*.ts. Where a docstring says that something costs no process, it is by netlink.
 */

/** The kernel of one network namespace: a netlink socket, or programs where this Node cannot open one. */
export type Kernel = Netlink | PlainKernel;

/** Tells programs from a socket. */
export function isPlain(kernel: Kernel): kernel is PlainKernel {
  return 'isPlain' in kernel;
}

/**
 * Opens the way to the links of the namespace behind `netnsFd`, or of our own. `using` closes it.
 *
 * @throws SystemCallError
 */
export function openLinks(ctx: Context, netnsFd?: number): Kernel {
  return ctx.plain?.open(ctx, netnsFd) ?? openNetlink(PROTOCOL.route, ctx, netnsFd);
}

/**
 * Opens the way to the packet filter of our namespace. `using` closes it.
 *
 * @throws SystemCallError
 */
export function openFilter(ctx: Context): Kernel {
  return ctx.plain?.open(ctx) ?? openNetlink(PROTOCOL.netfilter, ctx);
}

/**
 * Carries out changes of links, addresses and routes, in their order.
 *
 * @throws NetlinkError for the first that the kernel refuses; those before it stay.
 */
export function apply(kernel: Kernel, requests: readonly NetlinkRequest[]): void {
  if (isPlain(kernel)) kernel.apply(requests);
  else for (const one of requests) request(kernel, one);
}

/** As `apply`, for what takes the kernel 15 ms and more: other things can be done meanwhile. */
export async function applyInBackground(kernel: Kernel, one: NetlinkRequest): Promise<void> {
  if (isPlain(kernel)) await kernel.applyInBackground(one);
  else await requestInBackground(kernel, one);
}

/** A link and its addresses; `undefined` when there is none of that name. */
export function look(kernel: Kernel, name: string): LinkInfo | undefined {
  return isPlain(kernel) ? kernel.look(name) : lookAt(kernel, name);
}

/** Number of a link; `undefined` when there is none of that name. */
export function indexOf(kernel: Kernel, name: string): number | undefined {
  return isPlain(kernel) ? kernel.look(name)?.ifindex : linkIndex(kernel, name);
}

/** MTU of a link; `undefined` when there is none of that name. */
export function mtuOf(kernel: Kernel, name: string): number | undefined {
  return isPlain(kernel) ? kernel.look(name)?.mtu : linkMtu(kernel, name);
}

/** Alias of a link; `undefined` where there is no such link, or it has none. */
export function aliasOf(kernel: Kernel, name: string): string | undefined {
  return isPlain(kernel) ? kernel.look(name)?.ifalias : readAlias(kernel, name);
}

/** An address of the host, and the broadcast address of its subnet where it has one. */
export interface HostAddress {
  readonly address: string;
  readonly broadcast: string | undefined;
}

/** All addresses of a namespace, of all links. */
export function addressesOf(kernel: Kernel): readonly HostAddress[] {
  if (isPlain(kernel))
    return kernel.addresses().map(({ local, broadcast }) => ({ address: local, broadcast }));
  const format = (bytes: Buffer) => formatAddress(fromBytes(bytes));
  return readAddresses(kernel).map(({ address, broadcast }) => ({
    address: format(address),
    broadcast: broadcast === undefined ? undefined : format(broadcast),
  }));
}
