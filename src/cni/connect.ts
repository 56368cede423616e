import { createBridge, repairBridge } from '../bridge/ensure.ts';
import { settleBridge } from '../bridge/kernel.ts';
import { BridgeConflictError, type BridgeSpec, planRepair } from '../bridge/plan.ts';
import type { Defer } from '../rollback.ts';
import { ipBatch, isExists, isLinkInfo, type LinkInfo, parseBatchOutput, showLinks } from '../sys/ip.ts';
import type { Netns } from '../sys/netns.ts';
import { defaultRouteLink, linkNames } from '../sys/proc.ts';
import { CommandError, failedLine, NETNS_IN_CHILD } from '../sys/run.ts';
import { linkMtu, readSysctl } from '../sys/sysctl.ts';
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

async function shownMtu(link: string, signal: AbortSignal): Promise<number> {
  const [seen] = await showLinks(link, { signal });
  return seen?.mtu ?? FALLBACK_MTU;
}

async function newBridgeMtu(request: Request): Promise<number> {
  if (request.conf.mtu !== undefined) return request.conf.mtu;
  const uplink = defaultRouteLink();
  if (uplink === undefined) return FALLBACK_MTU;
  return linkMtu(uplink) ?? shownMtu(uplink, request.signal);
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

/** Says what is wrong with the bridge where that is why the pair could not be made; else gives the error back. */
async function pairFailure(
  error: unknown,
  { spec, pair, signal }: { spec: BridgeSpec; pair: PairSpec; signal: AbortSignal },
): Promise<unknown> {
  if (error instanceof CommandError && failedLine(error.completed) === 2 && isExists(error)) {
    return new CniError(CODE.veth, `Interface "${pair.ifname}" exists already in the sandbox`, {
      details:
        'CNI_IFNAME must name an interface that is not there yet; the container may be attached already',
      cause: error,
    });
  }
  try {
    const [bridge] = await showLinks(spec.name, { signal });
    if (bridge !== undefined) planRepair(spec, bridge);
    return error;
  } catch (conflict) {
    return conflict instanceof BridgeConflictError ? conflict : error;
  }
}

async function makePair(
  spec: BridgeSpec,
  pair: PairSpec,
  where: { fd: number; signal: AbortSignal; forget: readonly string[] },
): Promise<LinkInfo> {
  const forget = where.forget.map((address) => `neigh flush to ${address} dev ${spec.name}`);
  const lines = [`addr show dev ${spec.name}`, ...planPair(pair), ...forget];
  try {
    const { stdout } = await ipBatch(lines, { netnsFd: where.fd, signal: where.signal });
    const [[bridge] = []] = parseBatchOutput(stdout);
    if (isLinkInfo(bridge)) return bridge;
    throw new Error(`"ip" shows nothing of bridge "${spec.name}"`);
  } catch (error) {
    throw await pairFailure(error, { spec, pair, signal: where.signal });
  }
}

/**
 * Where br_netfilter hands bridged packets to the firewall, one that a published port leads back to where it came
 * from is never routed: the bridge has to send it out of the port it came in by.
 */
function answersItself({ conf }: Request): boolean {
  return conf.portMappings.length > 0 && readSysctl('net/bridge/bridge-nf-call-iptables') === '1';
}

/**
 * Makes the pair and puts its host end into the bridge, which is made or completed on the way. One `ip` process in
 * the usual case, where the bridge is there and right; it then runs when this returns its promise.
 */
export async function connect(
  request: Request,
  lease: Lease,
  sandbox: { netns: Netns; defer: Defer },
): Promise<Connection> {
  const { conf, attachment, signal } = request;
  const isNew = !linkNames().has(conf.bridge);
  const spec = bridgeSpec(request, lease, isNew ? await newBridgeMtu(request) : 0);
  if (isNew) await createBridge(spec, signal);
  const host = hostIfname(attachment);
  const pair: PairSpec = {
    hostIfname: host,
    hostMac: macForHostIfname(host),
    ifname: attachment.ifname,
    bridge: conf.bridge,
    mac: conf.mac ?? macForAddress(lease.addresses[0]?.address ?? host),
    mtu: conf.mtu ?? (isNew ? spec.mtu : (linkMtu(conf.bridge) ?? (await shownMtu(conf.bridge, signal)))),
    alias: aliasFor(request, lease),
    hairpin: conf.hairpinMode || answersItself(request),
    isolated: conf.portIsolation,
    netns: NETNS_IN_CHILD,
  };
  sandbox.defer(`remove the veth pair "${host}"`, () => removePair(host));
  const forget = knownByAnotherMac(request, lease);
  const seen = await makePair(spec, pair, { fd: sandbox.netns.fd, signal, forget });
  const bridge = await repairBridge(spec, seen, signal);
  settleBridge(spec.name, isNew);
  return {
    bridge: { name: bridge.ifname, mac: bridge.address },
    host: { name: host, mac: pair.hostMac },
    mac: pair.mac,
    mtu: pair.mtu,
  };
}
