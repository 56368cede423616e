import type { Context } from '../sys/context.ts';
import { forgetMark, readMark, writeMark } from '../sys/files/marks.ts';
import {
  closedChains,
  type ForwardSpec,
  hasFirewalld,
  isForwardChain,
  planForward,
  planForwardRemoval,
} from './forward-plan.ts';
import { commit } from './commit.ts';
import { bind, isBound, TRUSTED, unbind } from './firewalld.ts';
import { legacyGaps, openLegacy, closeLegacy } from './legacy.ts';
import { listChains } from './listing.ts';
import { firewallSigns } from './signs.ts';

function markOf(bridge: string): string {
  return `forward-${bridge}`;
}

function fingerprint({ families, zone }: ForwardSpec): string {
  return JSON.stringify({ families, ...firewallSigns(), zone });
}

/**
 * Lets a bridge's packets pass the host's other firewalls: an accept in our table does not override a drop in another
 * chain at the same hook. Runs processes once per bridge and boot, and when the fingerprint changes.
 */
export async function ensureForward(spec: ForwardSpec, ctx: Context): Promise<void> {
  const seen = fingerprint(spec);
  if (readMark(markOf(spec.bridge)) === seen) return;
  await openForward(spec, ctx);
  writeMark(markOf(spec.bridge), seen);
}

/** `ensureForward` regardless of the fingerprint. */
export async function openForward(spec: ForwardSpec, ctx: Context): Promise<void> {
  const ruleset = await listChains(isForwardChain, ctx);
  await commit(planForward(ruleset, spec), ctx);
  await openLegacy(spec, ctx);
  const { bridge, zone = TRUSTED } = spec;
  if (hasFirewalld(ruleset)) await bind({ bridge, zone }, ctx);
}

function describeUnbound({ bridge, zone }: ForwardSpec): string {
  return zone === undefined
    ? `firewalld does not trust bridge "${bridge}"`
    : `firewalld has bridge "${bridge}" outside of zone "${zone}"`;
}

/** Firewalls that may drop a bridge's packets, or treat them otherwise than configured, one sentence each. */
export async function forwardGaps(spec: ForwardSpec, ctx: Context): Promise<readonly string[]> {
  const ruleset = await listChains(isForwardChain, ctx);
  const { bridge, zone = TRUSTED } = spec;
  const isPlaced = !hasFirewalld(ruleset) || (await isBound({ bridge, zone }, ctx));
  return [
    ...closedChains(ruleset, spec).map(
      (name) => `Chain "${name}" may drop forwarded packets of bridge "${spec.bridge}"`,
    ),
    ...(await legacyGaps(spec, ctx)),
    ...(isPlaced ? [] : [describeUnbound(spec)]),
  ];
}

/** Undoes `ensureForward` when a network is removed. Absent is success. */
export async function removeForward(
  { bridge, zone = TRUSTED }: Omit<ForwardSpec, 'families'>,
  ctx: Context,
): Promise<void> {
  const ruleset = await listChains(isForwardChain, ctx);
  await commit(planForwardRemoval(ruleset, bridge), ctx);
  await closeLegacy(bridge, ctx);
  if (hasFirewalld(ruleset)) await unbind({ bridge, zone }, ctx);
  forgetMark(markOf(bridge));
}
