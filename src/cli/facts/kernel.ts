import { UNBOUNDED } from '../../sys/context.ts';
import { refreshFeature } from '../../firewall/features.ts';
import type { Feature } from '../../firewall/filter-parts.ts';
import { hasBridges } from '../../bridge/kind.ts';
import { tracksSctp } from '../../firewall/sctp.ts';
import { kernelRelease } from '../../sys/kernel-release.ts';
import { findTool } from '../../sys/process/tool.ts';
import { bandwidthLack } from '../../veth/bandwidth-needs.ts';

/** What flatnet does that not every kernel can. */
export const KERNEL_FEATURES = [
  'bridge',
  'masquerade',
  'ports',
  'isolation',
  'macspoofchk',
  'bandwidth',
  'sctp',
] as const;
export type KernelFeature = (typeof KERNEL_FEATURES)[number];

/** The kernel, and what of it is missing. */
export interface KernelFacts {
  readonly release: string;
  /** What is missing of each feature that cannot work, as a person would look for it. */
  readonly lacks: Readonly<Partial<Record<KernelFeature, string>>>;
}

/** Any limit: what has to be there does not depend on how much. */
const BUCKET = { rate: 8_000_000, burst: 800_000 };

/** Asked anew, and remembered for the next ADD: a module may have been loaded since. */
async function filterLack(feature: Feature): Promise<string | undefined> {
  return findTool('nft') === undefined ? undefined : refreshFeature(feature, UNBOUNDED);
}

async function lackOf(feature: KernelFeature): Promise<string | undefined> {
  switch (feature) {
    case 'bridge':
      return (await hasBridges(UNBOUNDED)) ? undefined : 'bridge';
    case 'bandwidth':
      return (await bandwidthLack({ ingress: BUCKET, egress: BUCKET }, UNBOUNDED))?.module;
    case 'sctp':
      return tracksSctp() ? undefined : 'NF_CT_PROTO_SCTP';
    case 'masquerade':
    case 'ports':
    case 'isolation':
      return filterLack(feature);
    case 'macspoofchk':
      // Either of the forms will do.
      return (await filterLack('spoof-bridge')) && filterLack('spoof-netdev');
  }
}

/** Asks the kernel for each feature; one that cannot be asked for, because a tool is missing, counts as there. */
export async function inspectKernel(): Promise<KernelFacts> {
  const lacks: Partial<Record<KernelFeature, string>> = {};
  for (const feature of KERNEL_FEATURES) {
    const missing = await lackOf(feature).catch(() => undefined);
    if (missing !== undefined) lacks[feature] = missing;
  }
  return { release: kernelRelease(), lacks };
}
