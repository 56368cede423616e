import type { Context } from '../sys/context.ts';
import { formatAddress, parseAddress } from '../input/address.ts';
import { openFilter } from '../sys/kernel.ts';
import { isMissing } from '../sys/process/nft.ts';
import { hasLink } from '../sys/proc.ts';
import { commit } from './commit.ts';
import { linkLocal } from './isolation.ts';
import { rulesOf } from './read-rules.ts';
import { ofLines, type Transaction } from './transaction.ts';
import { orWithoutFilter } from './without-filter.ts';

/*
 * macspoofchk on kernels without nftables' bridge family, such as WSL's: a chain at the ingress of each host link, with
 * the checks of the table `bridge flatnet`.
 */

/** Each chain is named after its link. */
export const INGRESS_TABLE = 'netdev flatnet';

export interface Guarded {
  /** Host link. */
  readonly owner: string;
  readonly mac: string;
  readonly addresses: readonly string[];
}

/** 0.0.0.0 and :: are the sources of address discovery and claim nothing. */
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

/** An existing chain gets exactly these rules. */
export function planGuard(guarded: Guarded): Transaction {
  const { owner } = guarded;
  const chain = `${INGRESS_TABLE} ${owner}`;
  return ofLines([
    `add table ${INGRESS_TABLE}`,
    `add chain ${chain} { type filter hook ingress device "${owner}" priority -300; policy accept; }`,
    `flush chain ${chain}`,
    ...rulesFor(guarded).map((rule) => `add rule ${chain} ${rule}`),
  ]);
}

/** Number of rules by guarded link. */
function readGuards(ctx: Context): ReadonlyMap<string, number> {
  using kernel = openFilter(ctx);
  const guards = new Map<string, number>();
  for (const { chain } of rulesOf(kernel, INGRESS_TABLE)) guards.set(chain, (guards.get(chain) ?? 0) + 1);
  return guards;
}

export function hasGuard(owner: string, ctx: Context): boolean {
  return readGuards(ctx).has(owner);
}

export async function ensureGuard(guarded: Guarded, ctx: Context): Promise<void> {
  await commit(planGuard(guarded), ctx);
}

/** Chains of these links that are gone or incomplete, one sentence each. */
export function guardGaps(guarded: readonly Guarded[], ctx: Context): readonly string[] {
  if (guarded.length === 0) return [];
  const present = readGuards(ctx);
  return guarded.flatMap((one) => {
    const count = present.get(one.owner);
    if (count === undefined) return [`Chain "${INGRESS_TABLE} ${one.owner}" is gone`];
    return count < rulesFor(one).length ? [`Chain "${INGRESS_TABLE} ${one.owner}" has lost rules`] : [];
  });
}

/** Absent is success. */
export function removeGuard(owner: string, ctx: Context): Promise<void> {
  return orWithoutFilter(undefined, async () => {
    if (!hasGuard(owner, ctx)) return;
    const chain = `${INGRESS_TABLE} ${owner}`;
    try {
      await commit(ofLines([`flush chain ${chain}`, `delete chain ${chain}`]), ctx);
    } catch (error) {
      // Older kernels remove the chain together with its link.
      if (!isMissing(error)) throw error;
    }
  });
}

/** Returns the names of the gone links. */
export async function removeOrphanedGuards(ctx: Context): Promise<readonly string[]> {
  const gone = [...readGuards(ctx).keys()].filter((owner) => !hasLink(owner));
  for (const owner of gone) await removeGuard(owner, ctx);
  return gone;
}
