import { ownPorts, ownSpoof, ownGuard, networkElements, networkNat, elementsOf } from './elements.ts';
import { type Context, uninterrupted } from '../sys/context.ts';
import { FlatnetError } from '../input/error.ts';
import { FeatureMissingError, requireFeature, requireGroups, requireSpoof } from '../firewall/features.ts';
import { PortTakenError, type Publication } from '../firewall/port-plan.ts';
import { parsePort } from '../firewall/ports.ts';
import { ensureRules, refuseTaken, removeElements } from '../firewall/rules.ts';
import { ensureGuard, removeGuard } from '../firewall/spoof-ingress.ts';
import { type Element, groupsOf } from '../firewall/table.ts';
import type { Defer } from './rollback.ts';
import { flushUdpFlows } from '../sys/process/conntrack.ts';
import { ensureSysctl } from '../sys/sysctl.ts';
import { ToolMissingError } from '../sys/process/tool.ts';
import { hostIfname } from '../veth/name.ts';
import { step } from './explain.ts';
import { forgetForeign, rememberForeign } from './foreign.ts';
import type { Lease } from './leased.ts';
import type { Intent } from './intent.ts';
import { kernelOwners, ownerOf } from './owners.ts';
import { describeOwner, portTaken } from './ports.ts';
import type { Job } from './spec.ts';
import { noteIsolation, withdrawIsolation } from './isolation.ts';

type RulesOf = Pick<Lease, 'addresses' | 'intent'>;

/** Call once the guard against packets for 127.0.0.1 from the bridge is in place. */
export function openLoopback(elements: readonly Element[], bridge: string): void {
  if (elements.some(({ set }) => set === 'loopback')) {
    ensureSysctl(`net/ipv4/conf/${bridge}/route_localnet`, '1');
  }
}

function udpPorts({ portMappings }: Intent): readonly number[] {
  return portMappings.filter(({ protocol }) => protocol === 'udp').map(({ hostPort }) => hostPort);
}

/** For a machine that has only iptables: features that need nftables. */
const NEEDS_NFT =
  'published ports, "macspoofchk", "ingressPolicy" and "internal" need it, iptables does no more than masquerade and forward';

/** Names the container that has the port, or the missing tool or kernel feature. */
function explainRules(error: unknown, ctx: Context): unknown {
  if (error instanceof ToolMissingError && error.tool === 'nft') {
    const details = `${NEEDS_NFT}; ${error.remedy}`;
    return new FlatnetError('unsupported', error.message, { details, cause: error });
  }
  if (error instanceof FeatureMissingError) {
    return new FlatnetError('unsupported', error.message, { details: error.remedy, cause: error });
  }
  if (!(error instanceof PortTakenError)) return error;
  const holder = ownerOf(error.owner, ctx);
  const who = holder === undefined ? `the attachment of link "${error.owner}" has it` : describeOwner(holder);
  return portTaken(error.claim, who, 'stop that container, or publish another host port');
}

/**
 * Refuses what the kernel's packet filter cannot do, before anything is made. Runs a process only for the first call of
 * a boot.
 * @throws FlatnetError naming what the kernel lacks.
 */
export async function refuseMissingFeatures(intent: Intent, ctx: Context): Promise<void> {
  await step({ kind: 'firewall', doing: 'find out what the packet filter can do' }, () =>
    requireFeatures(intent, ctx),
  );
}

async function requireFeatures(intent: Intent, ctx: Context): Promise<void> {
  try {
    if (intent.ipMasq && intent.ipMasqBackend === 'nftables') {
      await requireFeature('masquerade', ctx);
      if (intent.outbound !== undefined) await requireFeature('outbound', ctx);
    }
    if (intent.macspoofchk) await requireSpoof(ctx);
    const elements = elementsOf(intent, 'probe', ['127.0.0.1', '::1']);
    const groups = groupsOf(elements);
    await requireGroups(new Set([...groups].filter((group) => group !== 'spoof')), ctx);
  } catch (error) {
    throw explainRules(error, ctx);
  }
}

function publicationOf({ attachment, ctx }: Job, { addresses, intent }: RulesOf): Publication {
  const owner = hostIfname(attachment);
  const texts = addresses.map(({ address }) => address);
  const wanted = ownPorts(intent, owner, texts);
  return {
    owner,
    containerID: attachment.containerID,
    addresses: texts,
    wanted,
    lookAtOwners: () => kernelOwners(ctx),
  };
}

/**
 * Refuses host ports that another container has, on any network, data directory or IPAM plugin, before anything is
 * made.
 * @throws FlatnetError naming the container.
 */
export function refusePublishedPorts(job: Job, lease: RulesOf): void {
  try {
    refuseTaken(publicationOf(job, lease), job.ctx);
  } catch (error) {
    throw explainRules(error, job.ctx);
  }
}

/** Published ports, spoof checks, isolation, the network's masquerade, and the kernel settings they need. */
export async function applyRules(job: Job, lease: RulesOf, defer: Defer): Promise<void> {
  const { intent } = lease;
  const { network, attachment, ctx } = job;
  const owner = hostIfname(attachment);
  const publication = publicationOf(job, lease);
  const { addresses, wanted } = publication;
  const spoof = ownSpoof(intent, owner, addresses);
  const shared = networkElements(intent, addresses);
  const guard = ownGuard(intent, owner, addresses);
  // First: who publishes the names of the network meanwhile looks at the note.
  if (network.ipam.from === 'source') {
    defer('forget the attachment', () => {
      forgetForeign(owner);
      return Promise.resolve();
    });
    rememberForeign({ network: network.name, owner, addresses, intent });
  }
  if (wanted.length + spoof.length > 0)
    defer('remove the rules', (undoCtx) => removeElements(owner, undoCtx));
  if (guard !== undefined) defer('remove the spoof check', (undoCtx) => removeGuard(owner, undoCtx));
  try {
    noteIsolation(intent);
    const spec = {
      network: network.name,
      masquerade: networkNat(intent),
      backend: intent.ipMasqBackend,
      elements: [...shared, ...spoof],
      publication,
    };
    await ensureRules(spec, ctx);
    if (guard !== undefined) await ensureGuard(guard, ctx);
  } catch (error) {
    throw explainRules(error, job.ctx);
  }
  openLoopback(shared, intent.bridge);
  // Not interrupted: half a withdrawal would leave the bridge open.
  const dataDir = network.ipam.from !== 'source' ? network.ipam.dataDir : undefined;
  await withdrawIsolation(intent, dataDir, uninterrupted(ctx));
  await flushUdpFlows(udpPorts(intent), ctx);
}

/** Also removes UDP flows and the note. @param owner name of the attachment's host link. */
export async function removeRules(owner: string, ctx: Context): Promise<void> {
  // First, so that a concurrent reload does not restore the rules.
  forgetForeign(owner);
  const removed = await removeElements(owner, ctx);
  await removeGuard(owner, ctx);
  const claims = removed
    .filter(({ value }) => value !== undefined)
    .map((element) => parsePort(element).claim);
  await flushUdpFlows(
    claims.filter(({ protocol }) => protocol === 'udp').map(({ hostPort }) => hostPort),
    ctx,
  );
}
