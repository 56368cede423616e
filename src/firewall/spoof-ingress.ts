import type { Context } from '../sys/context.ts';
import { formatAddress, parseAddress } from '../input/address.ts';
import { openNetlink, PROTOCOL } from '../sys/netlink/netlink.ts';
import { readRules } from '../sys/netlink/nfnetlink-read.ts';
import { isMissing, nft } from '../sys/process/nft.ts';
import { hasLink } from '../sys/proc.ts';
import { linkLocal } from './isolation.ts';
import { orWithoutFilter } from './without-filter.ts';

/*
 * macspoofchk on kernels without nftables' bridge family, as all of WSL's: a chain at the ingress of each host link, which
 * sees every frame that the container sends. It does what the table `bridge flatnet` does for all links together.
 */

/** The table of these chains; each is named after its link. */
export const INGRESS_TABLE = 'netdev flatnet';

/** A container that is held to its own MAC and addresses. */
export interface Guarded {
  /** Name of its host link. */
  readonly owner: string;
  readonly mac: string;
  readonly addresses: readonly string[];
}

/** 0.0.0.0 and :: are the sources of those who look for an address: they claim nothing. */
function rulesFor({ mac, addresses }: Guarded): readonly string[] {
  const parsed = addresses.flatMap((text) => parseAddress(text) ?? []);
  const four = parsed.filter(({ family }) => family === 4).map(formatAddress);
  const values = [...parsed.filter(({ family }) => family === 6).map(({ value }) => value), linkLocal(mac)];
  const six = values.map((value) => formatAddress({ family: 6, value }));
  const targets = values.map((value) => `0x${value.toString(16).padStart(32, '0')}`);
  return [
    'ether type { 8021q, 8021ad } drop',
    `ether saddr != ${mac} drop`,
    `ether type arp arp saddr ether != ${mac} drop`,
    `ether type arp arp saddr ip != { ${['0.0.0.0', ...four].join(', ')} } drop`,
    `ip saddr != { ${['0.0.0.0', ...four].join(', ')} } drop`,
    `ip6 saddr != { ${['::', ...six].join(', ')} } drop`,
    'icmpv6 type { nd-router-advert, nd-redirect } drop',
    `icmpv6 type nd-neighbor-advert @th,64,128 != { ${targets.join(', ')} } drop`,
  ];
}

/** Lines that make the chain of a link, with these rules and no others. */
export function planGuard(guarded: Guarded): readonly string[] {
  const { owner } = guarded;
  const chain = `${INGRESS_TABLE} ${owner}`;
  return [
    `add table ${INGRESS_TABLE}`,
    `add chain ${chain} { type filter hook ingress device "${owner}" priority -300; policy accept; }`,
    `flush chain ${chain}`,
    ...rulesFor(guarded).map((rule) => `add rule ${chain} ${rule}`),
  ];
}

/** How many rules each guarded link has, by its name. No process. */
function readGuards(ctx: Context): ReadonlyMap<string, number> {
  using netlink = openNetlink(PROTOCOL.netfilter, ctx);
  const guards = new Map<string, number>();
  for (const { chain } of readRules(netlink, INGRESS_TABLE)) guards.set(chain, (guards.get(chain) ?? 0) + 1);
  return guards;
}

/** Whether a link has a chain here, with whatever rules. */
export function hasGuard(owner: string, ctx: Context): boolean {
  return readGuards(ctx).has(owner);
}

/** Holds a container to its own MAC and addresses. */
export async function ensureGuard(guarded: Guarded, ctx: Context): Promise<void> {
  await nft(planGuard(guarded), ctx);
}

/** What is missing of the chains of these links, one sentence each. */
export function guardGaps(guarded: readonly Guarded[], ctx: Context): readonly string[] {
  if (guarded.length === 0) return [];
  const present = readGuards(ctx);
  return guarded.flatMap((one) => {
    const count = present.get(one.owner);
    if (count === undefined) return [`Chain "${INGRESS_TABLE} ${one.owner}" is gone`];
    return count < rulesFor(one).length
      ? [`Chain "${INGRESS_TABLE} ${one.owner}" has lost rules of its own`]
      : [];
  });
}

/** Removes the chain of a link. Absent is success. */
export function removeGuard(owner: string, ctx: Context): Promise<void> {
  return orWithoutFilter(undefined, async () => {
    if (!hasGuard(owner, ctx)) return;
    try {
      await nft([`flush chain ${INGRESS_TABLE} ${owner}`, `delete chain ${INGRESS_TABLE} ${owner}`], ctx);
    } catch (error) {
      // The kernel was quicker: older ones remove the chain with its link.
      if (!isMissing(error)) throw error;
    }
  });
}

/** Removes the chains of links that are gone; returns their names. */
export async function removeOrphanedGuards(ctx: Context): Promise<readonly string[]> {
  const gone = [...readGuards(ctx).keys()].filter((owner) => !hasLink(owner));
  for (const owner of gone) await removeGuard(owner, ctx);
  return gone;
}
