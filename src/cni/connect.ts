import { createBridge, repairBridge } from '../bridge/ensure.ts';
import { settleBridge } from '../bridge/kernel.ts';
import { lookAt } from '../bridge/look.ts';
import type { BridgeSpec } from '../bridge/plan.ts';
import { describeGateway } from '../ipam/range.ts';
import type { Defer } from '../rollback.ts';
import { ipBatch, type LinkInfo } from '../sys/ip.ts';
import { linkMtu } from '../sys/link-requests.ts';
import { ask, type Netlink, openNetlink, PROTOCOL } from '../sys/netlink.ts';
import { isRefusal } from '../sys/netlink-error.ts';
import type { Netns } from '../sys/netns.ts';
import { defaultRouteLink } from '../sys/proc.ts';
import { readSysctl } from '../sys/sysctl.ts';
import { formatAlias } from '../veth/alias.ts';
import { macForAddress, macForHostIfname } from '../veth/mac.ts';
import { hostIfname } from '../veth/name.ts';
import { type PairSpec, planPair } from '../veth/plan.ts';
import { removePair } from '../veth/remove.ts';
import { CniError, CODE } from './errors.ts';
import type { Lease } from './lease.ts';
import { knownByAnotherMac } from './neighbours.ts';
import type { Request } from './request.ts';
import type { ResultInterface } from './types.ts';

const FALLBACK_MTU = 1500;

/** The host's side of an attachment. */
export interface Connection {
  readonly bridge: ResultInterface;
  readonly host: ResultInterface;
  readonly mac: string;
  readonly mtu: number;
}

function newBridgeMtu({ conf }: Request, netlink: Netlink): number {
  if (conf.mtu !== undefined) return conf.mtu;
  const uplink = defaultRouteLink();
  return (uplink === undefined ? undefined : linkMtu(netlink, uplink)) ?? FALLBACK_MTU;
}

function bridgeSpec(request: Request, lease: Lease, mtu: number): BridgeSpec {
  const { conf } = request;
  const gateways = lease.addresses.flatMap(({ family, prefix, gateway }) =>
    gateway === undefined || !conf.isGateway ? [] : [{ family, prefix, address: gateway }],
  );
  return {
    name: conf.bridge,
    mac: macForAddress(gateways[0]?.address ?? lease.addresses[0]?.address ?? conf.bridge),
    mtu,
    gateways,
    siblings:
      conf.ipam.kind === 'builtin'
        ? conf.ipam.pool.sets.flat().flatMap((range) => describeGateway(range) ?? [])
        : [],
    forceAddress: conf.forceAddress,
    promiscMode: conf.promiscMode,
  };
}

function aliasFor(request: Request, lease: Lease): string {
  const { attachment, conf } = request;
  const alias = formatAlias({
    ...attachment,
    addresses: lease.addresses.map(({ address, prefix }) => `${address}/${prefix}`),
    gateways: lease.addresses.map(({ gateway }) => gateway ?? ''),
    ...(conf.containerName === undefined ? {} : { containerName: conf.containerName }),
  });
  if (alias !== undefined) return alias;
  throw new CniError(
    CODE.invalidConfig,
    `Network name "${conf.name}" and container id are together too long`,
    {
      details:
        'they must fit the 255 bytes of a link alias with the addresses; choose a shorter network name',
    },
  );
}

/** The bridge as the network wants it; made or completed where it is not so yet. */
async function readyBridge(request: Request, lease: Lease, netlink: Netlink): Promise<LinkInfo> {
  const { conf, signal } = request;
  const there = lookAt(netlink, conf.bridge);
  const isNew = there === undefined;
  const spec = bridgeSpec(request, lease, isNew ? newBridgeMtu(request, netlink) : 0);
  if (isNew) await createBridge(spec, signal);
  const seen = there ?? lookAt(netlink, conf.bridge);
  if (seen === undefined) throw new Error(`Bridge "${spec.name}" vanished while it was set up`);
  const bridge = await repairBridge(spec, seen, signal);
  settleBridge(spec.name, isNew);
  return bridge;
}

function makePair(netlink: Netlink, pair: PairSpec): void {
  const [make, ...rest] = planPair(pair);
  try {
    if (make !== undefined) ask(netlink, make);
  } catch (error) {
    if (!isRefusal(error, 'EEXIST')) throw error;
    throw new CniError(CODE.veth, `Interface "${pair.ifname}" exists already in the sandbox`, {
      details:
        'CNI_IFNAME must name an interface that is not there yet; the container may be attached already',
      cause: error,
    });
  }
  for (const one of rest) ask(netlink, one);
}

/**
 * Where br_netfilter hands bridged packets to the firewall, one that a published port leads back to where it came
 * from is never routed: the bridge has to send it out of the port it came in by.
 */
function answersItself({ conf }: Request): boolean {
  return conf.portMappings.length > 0 && readSysctl('net/bridge/bridge-nf-call-iptables') === '1';
}

/** What the neighbours on the host remember of these addresses is another container's. */
async function forgetNeighbours(request: Request, addresses: readonly string[]): Promise<void> {
  if (addresses.length === 0) return;
  const { conf, signal } = request;
  await ipBatch(
    addresses.map((address) => `neigh flush to ${address} dev ${conf.bridge}`),
    { signal },
  );
}

/**
 * Makes the pair and puts its host end into the bridge, which is made or completed on the way. No process in the usual
 * case, where the bridge is there and right.
 *
 * @param sandbox with what clears an earlier attachment away, once nothing but the kernel can refuse the new one.
 */
export async function connect(
  request: Request,
  lease: Lease,
  sandbox: { netns: Netns; defer: Defer; clearAway: () => Promise<void> },
): Promise<Connection> {
  const { conf, attachment, signal } = request;
  using netlink = openNetlink(PROTOCOL.route);
  const bridge = await readyBridge(request, lease, netlink);
  signal.throwIfAborted();
  const host = hostIfname(attachment);
  const pair: PairSpec = {
    hostIfname: host,
    hostMac: macForHostIfname(host),
    ifname: attachment.ifname,
    bridge: { name: conf.bridge, index: bridge.ifindex },
    mac: conf.mac ?? macForAddress(lease.addresses[0]?.address ?? host),
    mtu: conf.mtu ?? bridge.mtu,
    alias: aliasFor(request, lease),
    hairpin: conf.hairpinMode || answersItself(request),
    isolated: conf.portIsolation,
    netnsFd: sandbox.netns.fd,
    hasIPv6: readSysctl('net/ipv6/conf/all/forwarding') !== undefined,
  };
  await sandbox.clearAway();
  sandbox.defer(`remove the veth pair "${host}"`, () => removePair(host));
  makePair(netlink, pair);
  await forgetNeighbours(request, knownByAnotherMac(request, lease));
  return {
    bridge: { name: bridge.ifname, mac: bridge.address },
    host: { name: host, mac: pair.hostMac },
    mac: pair.mac,
    mtu: pair.mtu,
  };
}
