import { formatAddress } from '../input/address.ts';
import { fromBytes } from '../input/address-bytes.ts';
import type { Context } from './context.ts';
import type { LinkInfo } from './link-info.ts';
import { readAddresses } from './netlink/address-requests.ts';
import { linkIndex, linkMtu, linkName, readAlias } from './netlink/link-requests.ts';
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
 * Dispatches between netlink and programs for requests about links; firewall/commit.ts and firewall/read-*.ts do so for
 * the packet filter. A docstring that promises no process refers to netlink.
 */

/** The kernel of one network namespace: a netlink socket, or programs if this Node cannot open one. */
export type Kernel = Netlink | PlainKernel;

export function isPlain(kernel: Kernel): kernel is PlainKernel {
  return 'isPlain' in kernel;
}

/** For links, in the namespace behind `netnsFd` or in our own. `using` closes it. @throws SystemCallError */
export function openLinks(ctx: Context, netnsFd?: number): Kernel {
  return ctx.plain?.open(ctx, netnsFd) ?? openNetlink(PROTOCOL.route, ctx, netnsFd);
}

/** For the packet filter of our namespace. `using` closes it. @throws SystemCallError */
export function openFilter(ctx: Context): Kernel {
  return ctx.plain?.open(ctx) ?? openNetlink(PROTOCOL.netfilter, ctx);
}

/**
 * Changes links, addresses and routes, in order.
 * @throws NetlinkError for the first refused request; those before it stay.
 */
export function apply(kernel: Kernel, requests: readonly NetlinkRequest[]): void {
  if (isPlain(kernel)) kernel.apply(requests);
  else for (const one of requests) request(kernel, one);
}

/** As `apply`, for a request that takes the kernel 15 ms or more: other work can go on. */
export async function applyInBackground(kernel: Kernel, one: NetlinkRequest): Promise<void> {
  if (isPlain(kernel)) await kernel.applyInBackground(one);
  else await requestInBackground(kernel, one);
}

export function look(kernel: Kernel, name: string): LinkInfo | undefined {
  return isPlain(kernel) ? kernel.look(name) : lookAt(kernel, name);
}

export function indexOf(kernel: Kernel, name: string): number | undefined {
  return isPlain(kernel) ? kernel.look(name)?.ifindex : linkIndex(kernel, name);
}

export function mtuOf(kernel: Kernel, name: string): number | undefined {
  return isPlain(kernel) ? kernel.look(name)?.mtu : linkMtu(kernel, name);
}

/** The name of the link that has this one, as its own or as a further name. */
export function nameOf(kernel: Kernel, name: string): string | undefined {
  return isPlain(kernel) ? kernel.look(name)?.ifname : linkName(kernel, name);
}

/** `undefined` if the link does not exist or has no alias. */
export function aliasOf(kernel: Kernel, name: string): string | undefined {
  return isPlain(kernel) ? kernel.look(name)?.ifalias : readAlias(kernel, name);
}

/** `broadcast` is that of the address's subnet, if any. */
export interface HostAddress {
  readonly address: string;
  readonly broadcast: string | undefined;
}

/** Addresses of all links of the namespace. */
export function addressesOf(kernel: Kernel): readonly HostAddress[] {
  if (isPlain(kernel))
    return kernel.addresses().map(({ local, broadcast }) => ({ address: local, broadcast }));
  const format = (bytes: Buffer) => formatAddress(fromBytes(bytes));
  return readAddresses(kernel).map(({ address, broadcast }) => ({
    address: format(address),
    broadcast: broadcast === undefined ? undefined : format(broadcast),
  }));
}
