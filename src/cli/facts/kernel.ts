import { UNBOUNDED } from '../../sys/context.ts';
import { refreshFeature } from '../../firewall/features.ts';
import type { Feature } from '../../firewall/filter-parts.ts';
import { hasBridges } from '../../bridge/kind.ts';
import { tracksSctp } from '../../firewall/sctp.ts';
import { kernelRelease } from '../../sys/kernel-release.ts';
import { findTool } from '../../sys/process/tool.ts';
import { bandwidthLack } from '../../veth/bandwidth-needs.ts';

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

export interface KernelFacts {
  readonly release: string;
  /** For each missing feature, the module or kernel option it needs. */
  readonly lacks: Readonly<Partial<Record<KernelFeature, string>>>;
}

/** Arbitrary: the modules needed do not depend on the rate. */
const BUCKET = { rate: 8_000_000, burst: 800_000 };

/** Probes again, since a module may have been loaded meanwhile, and stores the answer for the next ADD. */
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
      // One of the two forms is enough.
      return (await filterLack('spoof-bridge')) && filterLack('spoof-netdev');
  }
}

/** Probes each feature; one that cannot be probed, because a tool is missing, counts as present. */
export async function inspectKernel(): Promise<KernelFacts> {
  const lacks: Partial<Record<KernelFeature, string>> = {};
  for (const feature of KERNEL_FEATURES) {
    const missing = await lackOf(feature).catch(() => undefined);
    if (missing !== undefined) lacks[feature] = missing;
  }
  return { release: kernelRelease(), lacks };
}
