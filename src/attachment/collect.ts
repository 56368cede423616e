import { removeOrphans } from '../firewall/rules.ts';
import type { Store } from '../ipam/store.ts';
import type { Allocation, Attachment } from '../ipam/types.ts';
import type { Context } from '../sys/context.ts';
import { showLinks } from '../sys/process/ip.ts';
import { isRunning } from '../sys/proc.ts';
import { parseAlias } from '../veth/alias.ts';
import { ifbName, limitedWithoutPair, removeBandwidth } from '../veth/bandwidth.ts';
import { isHostIfname } from '../veth/name.ts';
import { removePair } from '../veth/remove.ts';
import { step } from './explain.ts';
import { sweepForeign } from './foreign.ts';
import { refreshNames } from './names.ts';
import { openHostStore } from './store.ts';
import type { Job } from './spec.ts';

/** An attachment that its runtime still has. */
export type ValidAttachment = Pick<Attachment, 'containerID' | 'ifname'>;

/** The kernel waits 20 ms per link, so several go at once; a process for each of a thousand links would be too many. */
const AT_ONCE = 8;

async function inTurns<T>(items: readonly T[], remove: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) {
    await Promise.all(items.slice(at, at + AT_ONCE).map(remove));
  }
}

const isBeingMade = ({ creator }: Allocation) => creator !== undefined && isRunning(creator);

/**
 * Removes bandwidth limits whose pair went with its sandbox. Covers all networks: an ifb does not record its owner.
 * @returns the names of the removed ifb links.
 */
export async function sweepLimits(held: readonly Allocation[], ctx: Context): Promise<readonly string[]> {
  const making = new Set(held.filter(isBeingMade).map(({ hostIfname }) => hostIfname));
  const stale = limitedWithoutPair().filter((host) => !making.has(host));
  await inTurns(stale, (host) => removeBandwidth(host, ctx));
  return stale.map(ifbName);
}

/**
 * Frees the addresses of dead holders. Their rules go first, so that an address is never reallocated while another
 * container's ports lead to it.
 */
export async function collectDead(
  store: Store,
  filter: { readonly network?: string },
  ctx: Context,
): Promise<readonly Allocation[]> {
  await removeOrphans(ctx);
  // A server that cannot be told answers nobody either, and the next ADD replaces it.
  await refreshNames(ctx);
  return store.reclaim(filter);
}

/** Host links of the network that match no valid attachment, by alias or by allocation. */
async function stalePairs(
  { network: { name }, ctx }: Job,
  valid: readonly ValidAttachment[],
  held: readonly Allocation[],
): Promise<readonly string[]> {
  const isStale = (owner: ValidAttachment) =>
    !valid.some(({ containerID, ifname }) => owner.containerID === containerID && owner.ifname === ifname);
  const links = await showLinks({}, ctx);
  const nameless = new Set(links.filter(({ ifalias = '' }) => ifalias === '').map(({ ifname }) => ifname));
  const making = new Set(held.filter(isBeingMade).map(({ hostIfname }) => hostIfname));
  // An ADD killed between making its link and naming it left no alias, only an allocation.
  const named = held
    .filter((one) => one.network === name && isStale(one))
    .flatMap(({ hostIfname = '' }) => (nameless.has(hostIfname) ? [hostIfname] : []));
  const marked = links.flatMap(({ ifname, ifalias }) => {
    const owner = parseAlias(ifalias ?? '');
    return owner?.network === name && isStale(owner) ? [ifname] : [];
  });
  // The state file may have been edited by hand: on its word, remove only links with the name of a flatnet pair.
  return [...new Set([...named, ...marked])].filter((ifname) => isHostIfname(ifname) && !making.has(ifname));
}

async function removeStalePairs(job: Job, valid: readonly ValidAttachment[]): Promise<void> {
  const { network, ctx } = job;
  const held = network.ipam.from !== 'source' ? await openHostStore(network.ipam.dataDir, ctx).list() : [];
  const stale = await stalePairs(job, valid, held);
  await inTurns(stale, async (host) => {
    await removeBandwidth(host, ctx);
    await removePair(host, ctx);
  });
  ctx.trace.facts['removedLinks'] = [...stale, ...(await sweepLimits(held, ctx))];
}

async function retain({ network, ctx }: Job, valid: readonly ValidAttachment[]): Promise<void> {
  if (network.ipam.from === 'source') {
    await network.ipam.collect(ctx);
    return;
  }
  const released = await openHostStore(network.ipam.dataDir, ctx).retain(network.name, valid);
  ctx.trace.facts['addresses'] = released.map(({ address }) => address);
}

/** Frees everything of the network that no valid attachment owns. */
export async function collect(job: Job, valid: readonly ValidAttachment[]): Promise<void> {
  const { network, ctx } = job;
  const doing = `collect what network "${network.name}" does not need any more`;
  await step({ kind: 'internal', doing }, async () => {
    await removeStalePairs(job, valid);
    ctx.trace.facts['removedRules'] = await removeOrphans(ctx);
    sweepForeign();
    ctx.trace.warnings.push(...(await refreshNames(ctx, (name) => name === network.name)));
    await retain(job, valid);
  });
}
