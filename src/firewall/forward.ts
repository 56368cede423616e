import type { Context } from '../sys/context.ts';
import { nft, nftRuleset } from '../sys/process/nft.ts';
import { forgetMark, readMark, writeMark } from '../sys/files/marks.ts';
import { hasLink, legacyTables } from '../sys/proc.ts';
import { findTool } from '../sys/process/tool.ts';
import {
  closedChains,
  type ForwardSpec,
  hasFirewalld,
  planForward,
  planForwardRemoval,
} from './forward-plan.ts';
import { firewalldTrusts, trustBridge, untrustBridge } from './firewalld.ts';
import { legacyGaps, openLegacy, closeLegacy } from './legacy.ts';
import { type ListedChain, parseRuleset } from './ruleset.ts';

/** The chains that nft sees; without it there is only what iptables has (legacy.ts). */
async function listChains(ctx: Context): Promise<readonly ListedChain[]> {
  return findTool('nft') === undefined ? [] : parseRuleset(await nftRuleset(ctx));
}

function markOf(bridge: string): string {
  return `forward-${bridge}`;
}

/**
 * What can be seen for nothing and tells that somebody else has come to filter: the tables of the old iptables, and
 * Docker's bridge. A firewall that starts later without showing there is for `flatnet reload`.
 */
function fingerprint({ families }: ForwardSpec): string {
  return JSON.stringify({ families, legacy: legacyTables(), docker: hasLink('docker0') });
}

/**
 * Lets the packets of a bridge pass the host's other firewalls: accepting them in a table of our own is no use
 * where another chain at the same hook drops them. Looks once per bridge and boot, and again when the fingerprint
 * changes; otherwise it costs no process.
 */
export async function ensureForward(spec: ForwardSpec, ctx: Context): Promise<void> {
  const seen = fingerprint(spec);
  if (readMark(markOf(spec.bridge)) === seen) return;
  await openForward(spec, ctx);
  writeMark(markOf(spec.bridge), seen);
}

/** As `ensureForward`, whatever was seen before. */
export async function openForward(spec: ForwardSpec, ctx: Context): Promise<void> {
  const chains = await listChains(ctx);
  const lines = planForward(chains, spec);
  if (lines.length > 0) await nft(lines, ctx);
  await openLegacy(spec, ctx);
  if (hasFirewalld(chains)) await trustBridge(spec.bridge, ctx);
}

/** What stops the packets of a bridge, one sentence each. */
export async function forwardGaps(spec: ForwardSpec, ctx: Context): Promise<readonly string[]> {
  const chains = await listChains(ctx);
  const isTrusted = !hasFirewalld(chains) || (await firewalldTrusts(spec.bridge, ctx));
  return [
    ...closedChains(chains, spec).map((name) => `Chain "${name}" may stop what "${spec.bridge}" forwards`),
    ...(await legacyGaps(spec, ctx)),
    ...(isTrusted ? [] : [`firewalld does not trust bridge "${spec.bridge}"`]),
  ];
}

/** Takes away what `ensureForward` made, for a network that is removed. Absent is success. */
export async function removeForward(bridge: string, ctx: Context): Promise<void> {
  const chains = await listChains(ctx);
  const lines = planForwardRemoval(chains, bridge);
  if (lines.length > 0) await nft(lines, ctx);
  await closeLegacy(bridge, ctx);
  if (hasFirewalld(chains)) await untrustBridge(bridge, ctx);
  forgetMark(markOf(bridge));
}
