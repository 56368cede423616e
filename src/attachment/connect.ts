import { FlatnetError } from '../input/error.ts';
import { hasIPv6 } from '../bridge/sysctls.ts';
import { LEAST_MTU } from '../bridge/mtu.ts';
import type { Defer } from './rollback.ts';
import { ipBatch } from '../sys/process/ip.ts';
import { ask, type Netlink, openNetlink, PROTOCOL } from '../sys/netlink/netlink.ts';
import { isRefusal } from '../sys/netlink/error.ts';
import type { Netns } from '../sys/netns.ts';
import { readSysctl } from '../sys/sysctl.ts';
import { formatAlias } from '../veth/alias.ts';
import { macForAddress, macForHostIfname } from '../veth/mac.ts';
import { hostIfname } from '../veth/name.ts';
import { type PairSpec, planPair } from '../veth/plan.ts';
import { removePair } from '../veth/remove.ts';
import { directoryField } from './directory.ts';
import type { Lease } from './lease.ts';
import { knownByAnotherMac } from './neighbours.ts';
import { invalidValue } from '../input/parse.ts';
import { keepByHand, type ReadyBridge, readyBridge } from './ready-bridge.ts';
import type { Request } from '../cni/request.ts';
import type { ResultInterface } from '../cni/types.ts';

/** The host's side of an attachment. */
export interface Connection {
  readonly bridge: ResultInterface;
  readonly host: ResultInterface;
  readonly mac: string;
  readonly mtu: number;
}

function aliasFor(request: Request, lease: Lease): string {
  const { attachment, conf } = request;
  const alias = formatAlias({
    ...attachment,
    addresses: lease.addresses.map(({ address, prefix }) => `${address}/${prefix}`),
    gateways: lease.addresses.map(({ gateway }) => gateway ?? ''),
    ...directoryField(conf),
    ...(conf.containerName === undefined ? {} : { containerName: conf.containerName }),
  });
  if (alias !== undefined) return alias;
  throw new FlatnetError('invalid', `Network name "${conf.name}" and container id are together too long`, {
    details: 'they must fit the 255 bytes of a link alias with the addresses; choose a shorter network name',
  });
}

function makePair(netlink: Netlink, pair: PairSpec): void {
  const [make, ...rest] = planPair(pair);
  try {
    if (make !== undefined) ask(netlink, make);
  } catch (error) {
    if (!isRefusal(error, 'EEXIST')) throw error;
    throw new FlatnetError('veth', `Interface "${pair.ifname}" exists already in the sandbox`, {
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
 * The pair to make.
 *
 * @throws FlatnetError for a MAC that was asked for and is the bridge's: nobody would reach either.
 */
function pairFor(
  request: Request,
  lease: Lease,
  { bridge, netns }: { bridge: ReadyBridge; netns: Netns },
): PairSpec {
  const { conf, attachment } = request;
  const host = hostIfname(attachment);
  if (conf.mac !== undefined && conf.mac === bridge.link.address) {
    const where = `the configuration of network "${conf.name}"`;
    throw invalidValue('mac', conf.mac, { expected: `another MAC than that of "${conf.bridge}"`, where });
  }
  return {
    hostIfname: host,
    hostMac: macForHostIfname(host),
    ifname: attachment.ifname,
    bridge: { name: conf.bridge, index: bridge.link.ifindex },
    mac: conf.mac ?? macForAddress(lease.addresses[0]?.address ?? host),
    mtu: bridge.pairMtu,
    alias: aliasFor(request, lease),
    hairpin: conf.hairpinMode || answersItself(request),
    isolated: conf.portIsolation,
    netnsFd: netns.fd,
    hasIPv6: bridge.pairMtu >= LEAST_MTU[6] && hasIPv6(),
  };
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
  const { conf, signal } = request;
  using netlink = openNetlink(PROTOCOL.route);
  const bridge = await readyBridge(request, lease, netlink);
  signal.throwIfAborted();
  const pair = pairFor(request, lease, { bridge, netns: sandbox.netns });
  const host = pair.hostIfname;
  await sandbox.clearAway();
  sandbox.defer(`remove the veth pair "${host}"`, () => removePair(host));
  makePair(netlink, pair);
  await forgetNeighbours(request, knownByAnotherMac(request, lease));
  return {
    bridge: { name: conf.bridge, mac: keepByHand(netlink, bridge, pair) },
    host: { name: host, mac: pair.hostMac },
    mac: pair.mac,
    mtu: pair.mtu,
  };
}
