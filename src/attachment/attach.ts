import { FlatnetError } from '../input/error.ts';
import { ensureForward } from '../firewall/forward.ts';
import { enableForwarding } from '../bridge/sysctls.ts';
import { type Defer, withRollback } from './rollback.ts';
import { showLinks } from '../sys/process/ip.ts';
import { closeNetns, type Netns, openNetns } from '../sys/netns.ts';
import { findHostLink } from '../veth/find.ts';
import { limitBandwidth, removeBandwidth } from '../veth/bandwidth.ts';
import { hostIfname } from '../veth/name.ts';
import { removePair } from '../veth/remove.ts';
import { announceMac, setSandboxSysctls } from '../veth/tune.ts';
import { addressSandbox } from './sandbox.ts';
import { refuseDoubling, refuseSysctls } from '../cni/conf/options.ts';
import { connect, type Connection } from './connect.ts';
import { explain, explainInLine, step } from './explain.ts';
import { type Lease, obtainLease } from './lease.ts';
import { memorize } from './intent.ts';
import { knownByAnotherMac, noteMac } from './neighbours.ts';
import { refuseHeldPorts } from './ports.ts';
import { type Request, timed } from '../cni/request.ts';
import { firstDns, formatResult } from '../cni/result.ts';
import { applyRules, refuseMissingFeatures, refusePublishedPorts, removeRules } from './rules.ts';
import type { Result } from '../cni/types.ts';

/** Name of the host veth of this attachment, if there is one; a link of that name that is not ours is an error. */
async function formerLink(request: Request): Promise<string | undefined> {
  const found = await findHostLink(request.attachment, request.signal);
  if (found === undefined || found.isOurs) return found?.name;
  throw new FlatnetError('veth', `Link "${found.name}" belongs to another attachment`, {
    details: `its alias is "${found.alias}"; two attachments share a name by chance: start the container again under another id`,
  });
}

/**
 * An earlier attachment of the same triple: in this very sandbox it is a duplicate and stays untouched; in another
 * one its DEL was lost (reboot, `ctr run -d` again) and it is cleared away.
 */
async function refuseDuplicate(request: Request, netns: Netns): Promise<void> {
  const { ifname } = request.attachment;
  const inside = await showLinks(ifname, { netnsFd: netns.fd, signal: request.signal });
  if (inside.length === 0) return;
  throw new FlatnetError('veth', `Container is attached already: its sandbox has interface "${ifname}"`, {
    details: 'the runtime sent ADD twice for the same container id and interface; it must send DEL first',
  });
}

/** Takes the earlier attachment away: its rules and links bear the names that ours are to bear. */
async function removeFormer(
  { attachment }: Request,
  former: string | undefined,
  { isSuccessor }: Lease,
): Promise<void> {
  if (former === undefined && !isSuccessor) return;
  const host = hostIfname(attachment);
  await step({ kind: 'firewall', doing: 'remove the rules of the earlier attachment' }, () =>
    removeRules(host),
  );
  await removeBandwidth(host);
  if (former !== undefined) await removePair(former);
}

async function configureSandbox(
  request: Request,
  lease: Lease,
  { netns, mac }: { netns: Netns; mac: string },
): Promise<void> {
  const { conf, attachment, signal } = request;
  await addressSandbox(request, lease, netns);
  const known = knownByAnotherMac(request, lease);
  if (known.length > 0) {
    const { ifname } = attachment;
    await announceMac({ ifname, mac, hostIfname: hostIfname(attachment) }, netns, signal);
    noteMac(request, known);
  }
  try {
    setSandboxSysctls(conf.sysctls, netns);
  } catch (error) {
    throw explain(error, { kind: 'veth', doing: 'set the sysctls of the sandbox' });
  }
}

/** Lets packets through the host; where another firewall cannot be told so, the container still reaches its network. */
async function openTheWay({ conf, trace, signal }: Request, lease: Lease): Promise<void> {
  if (!conf.isGateway || conf.internal) return;
  const families = [...new Set(lease.addresses.map(({ family }) => family))];
  enableForwarding(families);
  if (!conf.forwardAccept) return;
  try {
    await ensureForward({ bridge: conf.bridge, families }, signal);
  } catch (error) {
    signal.throwIfAborted();
    const warning = explainInLine(error, {
      kind: 'firewall',
      doing: `let the packets of bridge "${conf.bridge}" pass the host's other firewalls`,
    });
    trace.warnings.push(warning);
  }
}

async function limit({ attachment, conf, signal }: Request, defer: Defer): Promise<void> {
  const host = hostIfname(attachment);
  if (conf.bandwidth.egress !== undefined) defer('remove the bandwidth limit', () => removeBandwidth(host));
  await step({ kind: 'veth', doing: `limit the bandwidth of "${attachment.ifname}"` }, () =>
    limitBandwidth(host, conf.bandwidth, signal),
  );
}

/** Waits for all, so that nothing still runs when the undo begins; then the first failure counts. */
async function allOf(steps: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(steps);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function buildResult(request: Request, lease: Lease, connection: Connection): Result {
  const { conf, attachment, args } = request;
  const before = conf.prevResult;
  const offset = before?.interfaces.length ?? 0;
  const sandboxSide = {
    name: attachment.ifname,
    mac: connection.mac,
    mtu: connection.mtu,
    sandbox: args.netns,
  };
  return {
    interfaces: [...(before?.interfaces ?? []), connection.bridge, connection.host, sandboxSide],
    ips: [
      ...(before?.ips ?? []),
      ...lease.addresses.map(({ address, prefix, gateway }) => ({
        address: `${address}/${prefix}`,
        gateway,
        interface: offset + 2,
      })),
    ],
    routes: [...(before?.routes ?? []), ...lease.routes],
    dns: firstDns(conf.dns, lease.dns, before?.dns),
  };
}

/** Makes the pair, and then what needs it; at once where one does not wait for the other. */
async function connectAndConfigure(
  request: Request,
  lease: Lease,
  sandbox: { netns: Netns; defer: Defer; clearAway: () => Promise<void> },
): Promise<Connection> {
  const { attachment, conf, trace } = request;
  const { netns, defer } = sandbox;
  const connection = await timed(trace, 'connect', () =>
    step({ kind: 'veth', doing: `make the veth pair of interface "${attachment.ifname}"` }, () =>
      connect(request, lease, sandbox),
    ),
  );
  await timed(trace, 'configure', () =>
    allOf([
      step({ kind: 'firewall', doing: `set up the rules of network "${conf.name}"` }, () =>
        timed(trace, 'rules', () => applyRules(request, lease, defer)),
      ),
      timed(trace, 'sandbox', () => configureSandbox(request, lease, { netns, mac: connection.mac })),
      openTheWay(request, lease),
      limit(request, defer),
    ]),
  );
  return connection;
}

async function attach(request: Request, netns: Netns, defer: Defer): Promise<void> {
  const { conf, trace } = request;
  const former = await step({ kind: 'veth', doing: 'look for an earlier attachment' }, () =>
    formerLink(request),
  );
  if (former !== undefined) await refuseDuplicate(request, netns);
  await refuseMissingFeatures(memorize(conf, [], conf.portMappings), request.signal);
  const lease = await timed(trace, 'ipam', () =>
    step({ kind: 'ipam', doing: `reserve an address on network "${conf.name}"` }, () =>
      obtainLease(request, { netns, defer }),
    ),
  );
  // After the addresses, that is after the ports of other containers, whose conmon holds them: those are named better.
  refusePublishedPorts(request, lease);
  refuseHeldPorts(request, lease);
  trace.facts['addresses'] = lease.addresses.map(({ address }) => address);
  const clearAway = () => removeFormer(request, former, lease);
  const connection = await connectAndConfigure(request, lease, { netns, defer, clearAway });
  request.signal.throwIfAborted();
  request.deliver(formatResult(buildResult(request, lease, connection), conf.cniVersion));
}

/** Refuses what not every kernel can do; looked for only where it is asked for. */
async function refuseImpossible(request: Request): Promise<void> {
  const { bandwidth, portMappings } = request.conf;
  const isPlain =
    bandwidth.ingress === undefined &&
    bandwidth.egress === undefined &&
    portMappings.every(({ protocol }) => protocol !== 'sctp');
  if (isPlain) return;
  const { refuseLacking } = await import('./kernel-needs.ts');
  await refuseLacking(request);
}

/** ADD (SPEC section 2): attaches a container, or leaves no trace and says why. */
export async function add(request: Request): Promise<void> {
  refuseDoubling(request.conf);
  refuseSysctls(Object.keys(request.conf.sysctls).map((path) => path.replaceAll('/', '.')));
  await refuseImpossible(request);
  const netns = openNetns(request.args.netns);
  try {
    await withRollback((defer) => attach(request, netns, defer));
  } finally {
    closeNetns(netns);
  }
}
