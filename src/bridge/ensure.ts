import type { Context } from '../sys/context.ts';
import { ipBatch, isExists, isUnknownKind, type LinkInfo, showLinks } from '../sys/process/ip.ts';
import { NoBridgesError } from './kind.ts';
import { type BridgeSpec, planCreation, planRepair } from './plan.ts';

/**
 * Makes the bridge; another process that was quicker is welcome.
 *
 * @throws NoBridgesError where the kernel has no such links.
 */
export async function createBridge(spec: BridgeSpec, ctx: Context): Promise<void> {
  try {
    await ipBatch(planCreation(spec), ctx);
  } catch (error) {
    if (isUnknownKind(error)) throw new NoBridgesError(spec.name, error);
    if (!isExists(error)) throw error;
  }
}

async function applyTolerant(lines: readonly string[], ctx: Context): Promise<void> {
  try {
    await ipBatch(lines, ctx);
  } catch (error) {
    if (!isExists(error)) throw error;
  }
}

/**
 * Brings an existing bridge to what the network wants and returns it as it then is. Two first ADDs at once both
 * repair; whoever comes second finds the address there and looks again.
 *
 * @throws BridgeConflictError as planRepair.
 */
export async function repairBridge(spec: BridgeSpec, link: LinkInfo, ctx: Context): Promise<LinkInfo> {
  let current = link;
  for (let attempt = 0; ; attempt++) {
    const lines = planRepair(spec, current);
    if (lines.length === 0) return current;
    if (attempt === 3)
      throw new Error(
        `Cannot bring bridge "${spec.name}" to its wanted state: "${lines.join('; ')}" has no effect`,
      );
    await applyTolerant(lines, ctx);
    const [seen] = await showLinks({ ifname: spec.name }, ctx);
    if (seen === undefined) throw new Error(`Bridge "${spec.name}" vanished while it was set up`);
    current = seen;
  }
}
