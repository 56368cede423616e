import type { AttachedLink, Job } from './spec.ts';
import { FlatnetError } from '../input/error.ts';
import { hasIPv6 } from '../bridge/sysctls.ts';
import { LEAST_MTU } from '../bridge/mtu.ts';
import type { Defer } from './rollback.ts';
import { ipBatch } from '../sys/process/ip.ts';
import { apply, type Kernel, openLinks } from '../sys/kernel.ts';
import { isRefusal } from '../sys/netlink/error.ts';
import type { Netns } from '../sys/netns.ts';
import { readSysctl } from '../sys/sysctl.ts';
import { formatAlias } from '../veth/alias.ts';
import { macForAddress, macForHostIfname } from '../veth/mac.ts';
import { hostIfname } from '../veth/name.ts';
import { type PairSpec, planPair } from '../veth/plan.ts';
import { removePair } from '../veth/remove.ts';
import { directoryField } from './directory.ts';
import { nameTaken } from './host-name.ts';
import type { Lease } from './leased.ts';
import { knownByAnotherMac } from './neighbours.ts';
import { invalidValue } from '../input/parse.ts';
import { keepByHand, type ReadyBridge, readyBridge } from './ready-bridge.ts';

/** `mac` is that of the end in the sandbox; `mtu` that of both ends. */
export interface Connection {
  readonly bridge: AttachedLink;
  readonly host: AttachedLink;
  readonly mac: string;
  readonly mtu: number;
}

function aliasFor(job: Job, lease: Lease): string {
  const { attachment, network, spec } = job;
  const alias = formatAlias({
    ...attachment,
    addresses: lease.addresses.map(({ address, prefix }) => `${address}/${prefix}`),
    gateways: lease.addresses.map(({ gateway }) => gateway ?? ''),
    ...directoryField(network),
    ...(lease.time === undefined ? {} : { time: lease.time }),
    ...(spec.containerName === undefined ? {} : { containerName: spec.containerName }),
  });
  if (alias !== undefined) return alias;
  throw new FlatnetError('invalid', `Network name "${network.name}" and container id are too long together`, {
    details: 'they must fit the 255 bytes of a link alias with the addresses; choose a shorter network name',
  });
}

function makePair(kernel: Kernel, pair: PairSpec, job: Job): void {
  const plan = planPair(pair);
  try {
    apply(kernel, plan);
  } catch (error) {
    if (!isRefusal(error, 'EEXIST')) throw error;
    const { furtherName } = pair;
    if (error.line !== plan[0]?.line) {
      throw (furtherName === undefined ? undefined : nameTaken(furtherName, job)) ?? error;
    }
    throw new FlatnetError('veth', `Interface "${pair.ifname}" exists already in the sandbox`, {
      details: 'the runtime must name an interface that is not in use; the container may already be attached',
      cause: error,
    });
  }
}

/** With br_netfilter, a packet DNATed back to the port it came from is bridged, not routed: it needs hairpin mode. */
function answersItself({ spec }: Job): boolean {
  return spec.portMappings.length > 0 && readSysctl('net/bridge/bridge-nf-call-iptables') === '1';
}

/** The host's neighbour entries for these addresses hold the MAC of a previous container. */
async function forgetNeighbours(job: Job, addresses: readonly string[]): Promise<void> {
  if (addresses.length === 0) return;
  const { network, ctx } = job;
  const lines = addresses.map((address) => `neigh flush to ${address} dev ${network.bridge}`);
  await ipBatch(lines, ctx);
}

/** @throws FlatnetError for a requested MAC equal to the bridge's: neither would be reachable. */
function pairFor(job: Job, lease: Lease, { bridge, netns }: { bridge: ReadyBridge; netns: Netns }): PairSpec {
  const { network, spec, attachment } = job;
  const host = hostIfname(attachment);
  if (spec.mac !== undefined && spec.mac === bridge.link.address) {
    const where = `the configuration of network "${network.name}"`;
    throw invalidValue('mac', spec.mac, { expected: `another MAC than that of "${network.bridge}"`, where });
  }
  return {
    hostIfname: host,
    furtherName: spec.hostInterfaceName,
    hostMac: macForHostIfname(host),
    ifname: attachment.ifname,
    bridge: { name: network.bridge, index: bridge.link.ifindex },
    mac: spec.mac ?? macForAddress(lease.addresses[0]?.address ?? host),
    mtu: bridge.pairMtu,
    alias: aliasFor(job, lease),
    hairpin: network.hairpinMode || answersItself(job),
    isolated: network.portIsolation,
    netnsFd: netns.fd,
    hasIPv6: bridge.pairMtu >= LEAST_MTU[6] && hasIPv6(),
  };
}

/**
 * Makes the pair and attaches its host end to the bridge, which is created or repaired first. Runs no process if the
 * bridge is already right.
 * @param sandbox `clearAway` removes an earlier attachment; it runs once only the kernel can still refuse the new one.
 */
export async function connect(
  job: Job,
  lease: Lease,
  sandbox: { netns: Netns; defer: Defer; clearAway: () => Promise<void> },
): Promise<Connection> {
  const { network, ctx } = job;
  using kernel = openLinks(ctx);
  const bridge = await readyBridge(job, lease, kernel);
  ctx.signal?.throwIfAborted();
  const pair = pairFor(job, lease, { bridge, netns: sandbox.netns });
  const host = pair.hostIfname;
  await sandbox.clearAway();
  sandbox.defer(`remove the veth pair "${host}"`, (undoCtx) => removePair(host, undoCtx));
  makePair(kernel, pair, job);
  await forgetNeighbours(job, knownByAnotherMac(job, lease));
  return {
    bridge: { name: network.bridge, mac: keepByHand(kernel, bridge, pair) },
    host: { name: host, mac: pair.hostMac },
    mac: pair.mac,
    mtu: pair.mtu,
  };
}
