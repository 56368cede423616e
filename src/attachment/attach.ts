import { FlatnetError } from '../input/error.ts';
import { ensureForward } from '../firewall/forward.ts';
import { ZoneMissingError } from '../firewall/firewalld.ts';
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
import { refuseDoubling, refuseImpossible, refuseSysctls, refuseUnanswered } from './refusals.ts';
import { connect, type Connection } from './connect.ts';
import { explain, explainInLine, step } from './explain.ts';
import type { Lease } from './leased.ts';
import { obtainLease } from './lease.ts';
import { intentOf } from './intent.ts';
import { publishNames, withdrawNames } from './names.ts';
import { knownByAnotherMac, noteMac } from './neighbours.ts';
import { refuseTakenName } from './host-name.ts';
import { refuseAddresses } from './no-addresses.ts';
import { refuseHeldPorts } from './ports.ts';
import { uninterrupted } from '../sys/context.ts';
import { timed } from './context.ts';
import type { Attached, DNS, Job } from './spec.ts';
import { requireBridge } from './unmanaged.ts';
import { applyRules, refuseMissingFeatures, refusePublishedPorts, removeRules } from './rules.ts';

/**
 * The attachment's existing host veth, if any.
 * @throws FlatnetError if the link of that name belongs to another attachment.
 */
async function formerLink({ attachment, ctx }: Job): Promise<string | undefined> {
  const found = await findHostLink(attachment, ctx);
  if (found === undefined || found.isOurs) return found?.name;
  throw new FlatnetError('veth', `Link "${found.name}" belongs to another attachment`, {
    details: `its alias is "${found.alias}"; two attachments share a name by chance: start the container again under another id`,
  });
}

/**
 * An earlier attachment of the same triple: in the same sandbox it is a duplicate and stays untouched; in another one
 * its DEL was lost (reboot, `ctr run -d` again) and removeFormer() clears it away.
 */
async function refuseDuplicate({ attachment: { ifname }, ctx }: Job, netns: Netns): Promise<void> {
  const inside = await showLinks({ ifname, netnsFd: netns.fd }, ctx);
  if (inside.length === 0) return;
  throw new FlatnetError('veth', `Container is attached already: its sandbox has interface "${ifname}"`, {
    details: 'the runtime attached the same container id and interface twice; it must detach it first',
  });
}

/** Runs before the new attachment is made: the rules and links of both have the same names. */
async function removeFormer(
  { attachment, ctx }: Job,
  former: string | undefined,
  { isSuccessor }: Lease,
): Promise<void> {
  if (former === undefined && !isSuccessor) return;
  const host = hostIfname(attachment);
  await step({ kind: 'firewall', doing: 'remove the rules of the earlier attachment' }, () =>
    removeRules(host, uninterrupted(ctx)),
  );
  await removeBandwidth(host, uninterrupted(ctx));
  if (former !== undefined) await removePair(former, uninterrupted(ctx));
}

async function configureSandbox(
  job: Job,
  lease: Lease,
  { netns, mac }: { netns: Netns; mac: string },
): Promise<void> {
  const { spec, attachment, ctx } = job;
  await addressSandbox(job, lease, netns);
  const known = knownByAnotherMac(job, lease);
  if (known.length > 0) {
    const { ifname } = attachment;
    await announceMac({ ifname, mac, hostIfname: hostIfname(attachment) }, netns, ctx);
    noteMac(job, known);
  }
  try {
    setSandboxSysctls(spec.sysctls, netns, ctx);
  } catch (error) {
    throw explain(error, { kind: 'veth', doing: 'set the sysctls of the sandbox' });
  }
}

function zoneMissing(error: ZoneMissingError): FlatnetError {
  return new FlatnetError('firewall', error.message, { details: error.remedy, cause: error });
}

/** A refusal by another firewall is only a warning: the container still reaches its network. */
async function forwardPackets({ network, ctx }: Job, lease: Lease): Promise<void> {
  if (!network.isGateway || network.internal) return;
  const families = [...new Set(lease.addresses.map(({ family }) => family))];
  enableForwarding(families);
  if (!network.forwardAccept) return;
  try {
    await ensureForward({ bridge: network.bridge, families, zone: network.firewalldZone }, ctx);
  } catch (error) {
    ctx.signal?.throwIfAborted();
    if (error instanceof ZoneMissingError) throw zoneMissing(error);
    const warning = explainInLine(error, {
      kind: 'firewall',
      doing: `let the packets of bridge "${network.bridge}" pass the host's other firewalls`,
    });
    ctx.trace.warnings.push(warning);
  }
}

async function limit({ attachment, spec, ctx }: Job, defer: Defer): Promise<void> {
  const host = hostIfname(attachment);
  if (spec.bandwidth.egress !== undefined)
    defer('remove the bandwidth limit', (undoCtx) => removeBandwidth(host, undoCtx));
  await step({ kind: 'veth', doing: `limit the bandwidth of "${attachment.ifname}"` }, () =>
    limitBandwidth(host, spec.bandwidth, ctx),
  );
}

/** Waits for every step, so that none still runs when the undo begins; then throws the first failure. */
async function allOf(steps: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(steps);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function describe({ attachment }: Job, lease: Lease, connected: Connected): Attached {
  const { bridge, host, mac, mtu, names } = connected;
  return {
    bridge,
    host,
    inside: { name: attachment.ifname, mac, mtu },
    addresses: lease.addresses,
    routes: lease.routes,
    dns: lease.dns,
    names,
  };
}

interface Connected extends Connection {
  readonly names: DNS;
}

/** Makes the pair, then the parts that need it, in parallel. */
async function connectAndConfigure(
  job: Job,
  lease: Lease,
  sandbox: { netns: Netns; defer: Defer; clearAway: () => Promise<void> },
): Promise<Connected> {
  const { attachment, network, ctx } = job;
  const { netns, defer } = sandbox;
  let names: DNS = {};
  // Undone once the pair is gone, and before the address is somebody else's.
  if (network.names !== undefined) {
    defer('take back the names', (undoCtx) => withdrawNames({ ...job, ctx: undoCtx }));
  }
  const connection = await timed(ctx, 'connect', () =>
    step({ kind: 'veth', doing: `make the veth pair of interface "${attachment.ifname}"` }, () =>
      connect(job, lease, sandbox),
    ),
  );
  await timed(ctx, 'configure', () =>
    allOf([
      step({ kind: 'firewall', doing: `set up the rules of network "${network.name}"` }, () =>
        timed(ctx, 'rules', () => applyRules(job, lease, defer)),
      ),
      timed(ctx, 'sandbox', () => configureSandbox(job, lease, { netns, mac: connection.mac })),
      forwardPackets(job, lease),
      limit(job, defer),
      timed(ctx, 'names', async () => {
        names = await publishNames(job, lease);
      }),
    ]),
  );
  return { ...connection, names };
}

async function make(job: Job, netns: Netns, defer: Defer): Promise<Attached> {
  const { network, ctx } = job;
  const former = await step({ kind: 'veth', doing: 'look for an earlier attachment' }, () => formerLink(job));
  if (former !== undefined) await refuseDuplicate(job, netns);
  refuseTakenName(job);
  await refuseMissingFeatures(intentOf(job, []), ctx);
  const lease = await timed(ctx, 'ipam', () =>
    step({ kind: 'ipam', doing: `reserve an address on network "${network.name}"` }, () =>
      obtainLease(job, { netns, defer }),
    ),
  );
  // After allocation, which names the container that owns a port; here we would only see its conmon.
  refusePublishedPorts(job, lease);
  refuseHeldPorts(job, lease);
  ctx.trace.facts['addresses'] = lease.addresses.map(({ address }) => address);
  const clearAway = () => removeFormer(job, former, lease);
  const connection = await connectAndConfigure(job, lease, { netns, defer, clearAway });
  ctx.signal?.throwIfAborted();
  return describe(job, lease, connection);
}

/**
 * Attaches a container, or leaves no trace and throws.
 * @param deliver hands the result to the caller. It runs while everything can still be undone: an unread answer is an
 * error too.
 * @throws FlatnetError
 */
export async function attach(job: Job, deliver: (attached: Attached) => void): Promise<void> {
  refuseDoubling(job.network);
  requireBridge(job.network);
  refuseAddresses(job);
  refuseUnanswered(job);
  refuseSysctls(Object.keys(job.spec.sysctls).map((path) => path.replaceAll('/', '.')));
  await refuseImpossible(job);
  const netns = openNetns(job.spec.netns, job.ctx);
  try {
    await withRollback(async (defer) => {
      deliver(await make(job, netns, defer));
    }, job.ctx);
  } finally {
    closeNetns(netns);
  }
}
