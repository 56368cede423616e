import type { Context } from '../sys/context.ts';
import { ipBatch, isExists, isUnknownKind, type LinkInfo, showLinks } from '../sys/process/ip.ts';
import { NoBridgesError } from './kind.ts';
import { type BridgeSpec, planCreation, planRepair } from './plan.ts';

/** Tolerates "exists": a concurrent ADD may have made the same change. */
async function applyTolerant(lines: readonly string[], ctx: Context): Promise<void> {
  try {
    await ipBatch(lines, ctx);
  } catch (error) {
    if (!isExists(error)) throw error;
  }
}

/** @throws NoBridgesError if the kernel has no bridges. */
export async function createBridge(spec: BridgeSpec, ctx: Context): Promise<void> {
  try {
    await applyTolerant(planCreation(spec), ctx);
  } catch (error) {
    throw isUnknownKind(error) ? new NoBridgesError(spec.name, error) : error;
  }
}

/**
 * Completes an existing bridge for the network and returns it. Of two concurrent first ADDs, the second finds the
 * address already there, so it plans again.
 * @throws BridgeConflictError as planRepair.
 */
export async function repairBridge(spec: BridgeSpec, link: LinkInfo, ctx: Context): Promise<LinkInfo> {
  let current = link;
  for (let attempt = 0; ; attempt++) {
    const lines = planRepair(spec, current);
    if (lines.length === 0) return current;
    if (attempt === 3)
      throw new Error(`Cannot complete bridge "${spec.name}": "${lines.join('; ')}" has no effect`);
    await applyTolerant(lines, ctx);
    const [seen] = await showLinks({ ifname: spec.name }, ctx);
    if (seen === undefined) throw new Error(`Bridge "${spec.name}" disappeared while it was set up`);
    current = seen;
  }
}
