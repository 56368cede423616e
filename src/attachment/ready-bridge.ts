import { FlatnetError } from '../input/error.ts';
import { createBridge, repairBridge } from '../bridge/ensure.ts';
import { enableIPv6, hasIPv6, setBridgeSysctls } from '../bridge/sysctls.ts';
import { isOwnBridge, macForBridge } from '../bridge/mac.ts';
import { LEAST_MTU, type Mtu, uplinkMtu } from '../bridge/mtu.ts';
import type { BridgeSpec, GatewaySpec } from '../bridge/plan.ts';
import { invalidValue } from '../input/parse.ts';
import { describeGateway } from '../ipam/range.ts';
import { apply, type Kernel, look } from '../sys/kernel.ts';
import type { LinkInfo } from '../sys/link-info.ts';
import { setLink } from '../sys/netlink/link-requests.ts';
import { bootId } from '../sys/proc.ts';
import type { PairSpec } from '../veth/plan.ts';
import type { Lease } from './leased.ts';
import type { Job, NetworkSpec } from './spec.ts';
import { foreignBridge } from './unmanaged.ts';

export interface ReadyBridge {
  readonly link: LinkInfo;
  /** MTU of both ends of a pair. */
  readonly pairMtu: number;
  /** Not made by flatnet. */
  readonly isByHand: boolean;
}

/**
 * The configured MTU, else the uplink's. The current MTU of a bridge made by flatnet is irrelevant; one made by hand is
 * a limit.
 */
function pairMtu({ network }: Job, kernel: Kernel, byHand: LinkInfo | undefined): Mtu {
  const configured = network.mtu === undefined ? undefined : { bytes: network.mtu, source: '"mtu"' };
  if (byHand === undefined) return configured ?? uplinkMtu(kernel);
  if (configured !== undefined && configured.bytes <= byHand.mtu) return configured;
  return { bytes: byHand.mtu, source: `bridge "${byHand.ifname}"` };
}

/** The attachment's own MTU, else the network's. @throws FlatnetError if the bridge's is smaller. */
function ownMtu({ network, spec }: Job, { bytes, source }: Mtu): Mtu {
  const { mtu } = spec;
  if (mtu === undefined) return { bytes, source };
  if (mtu <= bytes) return { bytes: mtu, source: '"mtu"' };
  const expected = `${bytes} at most, that of ${source}: the network's MTU is the bridge's`;
  throw invalidValue('mtu', mtu, {
    expected,
    where: `what is asked for one container of network "${network.name}"`,
  });
}

/** The kernel has no IPv6, or none on a link of that MTU, and would refuse with a misleading message. */
function refuseIPv6({ network }: Job, lease: Lease, { bytes, source }: Mtu): void {
  if (!lease.addresses.some(({ family }) => family === 6)) return;
  if (!hasIPv6()) {
    const message = `Cannot give an IPv6 address on network "${network.name}": the kernel runs without IPv6`;
    const details =
      'start it without "ipv6.disable=1", or take the IPv6 range out of the network configuration';
    throw new FlatnetError('bridge', message, { details });
  }
  if (bytes >= LEAST_MTU[6]) return;
  throw new FlatnetError(
    'bridge',
    `Cannot give an IPv6 address on network "${network.name}": the MTU is ${bytes}, that of ${source}`,
    {
      details: `IPv6 needs ${LEAST_MTU[6]} at least; raise it there, set "mtu": ${LEAST_MTU[6]} in the configuration of the network, or take the IPv6 range out of it`,
    },
  );
}

export function bridgeSpec(
  network: NetworkSpec,
  gateways: readonly GatewaySpec[],
  mtu: number | undefined,
): BridgeSpec {
  return {
    name: network.bridge,
    mac: macForBridge(network.bridge, bootId()),
    mtu,
    gateways,
    siblings:
      network.ipam.from !== 'source'
        ? network.ipam.pool.sets.flat().flatMap((range) => describeGateway(range) ?? [])
        : [],
    forceAddress: network.forceAddress,
    promiscMode: network.promiscMode,
  };
}

function gatewaysOf({ network }: Job, { addresses }: Lease): readonly GatewaySpec[] {
  return addresses.flatMap(({ family, prefix, gateway }) =>
    gateway === undefined || !network.isGateway ? [] : [{ family, prefix, address: gateway }],
  );
}

/** Creates or repairs the bridge where it differs from the network's settings; an unmanaged one stays as it is. */
export async function readyBridge(job: Job, lease: Lease, kernel: Kernel): Promise<ReadyBridge> {
  const { network, ctx } = job;
  const there = look(kernel, network.bridge);
  const isByHand = there !== undefined && (network.isUnmanaged === true || !isOwnBridge(there));
  const mtu = pairMtu(job, kernel, isByHand ? there : undefined);
  const own = ownMtu(job, mtu);
  refuseIPv6(job, lease, own);
  if (network.isUnmanaged === true) {
    return { link: foreignBridge(job, there), pairMtu: own.bytes, isByHand };
  }
  const spec = bridgeSpec(network, gatewaysOf(job, lease), isByHand ? undefined : mtu.bytes);
  if (there === undefined) await createBridge(spec, ctx);
  const seen = there ?? look(kernel, network.bridge);
  if (seen === undefined) throw new Error(`Bridge "${spec.name}" vanished while it was set up`);
  if (spec.gateways.some(({ family }) => family === 6)) enableIPv6(spec.name);
  const link = await repairBridge(spec, seen, ctx);
  setBridgeSysctls(spec.name, there === undefined);
  return { link, pairMtu: own.bytes, isByHand };
}

const NO_MAC = '00:00:00:00:00:00';

/** Attributes to restore because the pair changed them by joining; empty if it changed nothing. */
function changedBy(pair: PairSpec, before: LinkInfo, now: LinkInfo): { mac?: string; mtu?: number } {
  const isMacOfPair = now.address === pair.hostMac && before.address !== pair.hostMac;
  // All ports had left a bridge without a pinned MAC.
  const mac = before.address === NO_MAC ? pair.hostMac : before.address;
  return {
    ...(isMacOfPair && mac !== undefined ? { mac } : {}),
    ...(now.mtu === pair.mtu && before.mtu > pair.mtu ? { mtu: before.mtu } : {}),
  };
}

/**
 * Restores and pins what the pair has changed of a bridge made by hand by joining: without a pinned MAC, the first port
 * decides; without a pinned MTU, the smallest port.
 * @returns its MAC.
 */
export function keepByHand(
  kernel: Kernel,
  { link, isByHand }: ReadyBridge,
  pair: PairSpec,
): string | undefined {
  if (!isByHand) return link.address;
  const now = look(kernel, link.ifname) ?? link;
  const change = changedBy(pair, link, now);
  if (Object.keys(change).length > 0) apply(kernel, [setLink(link.ifname, change)]);
  return change.mac ?? now.address;
}
