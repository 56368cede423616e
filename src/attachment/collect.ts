import { removeOrphans } from '../firewall/rules.ts';
import type { Store } from '../ipam/store.ts';
import type { Allocation } from '../ipam/types.ts';
import { showLinks } from '../sys/process/ip.ts';
import { isRunning } from '../sys/proc.ts';
import { parseAlias } from '../veth/alias.ts';
import { ifbName, limitedWithoutPair, removeBandwidth } from '../veth/bandwidth.ts';
import { isHostIfname } from '../veth/name.ts';
import { removePair } from '../veth/remove.ts';
import { delegate } from '../cni/delegate.ts';
import { step } from './explain.ts';
import { sweepForeign } from './foreign.ts';
import { openHostStore } from './store.ts';
import type { Request } from '../cni/request.ts';
import type { ValidAttachment } from '../cni/types.ts';

/** The kernel waits 20 ms for each link, so several go at once; a process for each of a thousand links would not do. */
const AT_ONCE = 8;

async function inTurns<T>(items: readonly T[], remove: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) {
    await Promise.all(items.slice(at, at + AT_ONCE).map(remove));
  }
}

const isBeingMade = ({ creator }: Allocation) => creator !== undefined && isRunning(creator);

/**
 * Removes bandwidth limits whose pair went without them, with its sandbox; of all networks, for nothing tells whose they
 * were.
 *
 * @returns the names of their links.
 */
export async function sweepLimits(held: readonly Allocation[]): Promise<readonly string[]> {
  const making = new Set(held.filter(isBeingMade).map(({ hostIfname }) => hostIfname));
  const stale = limitedWithoutPair().filter((host) => !making.has(host));
  await inTurns(stale, removeBandwidth);
  return stale.map(ifbName);
}

/**
 * Frees the addresses of dead holders. What still leads to them in the packet filter goes first: nobody gets an address
 * together with another one's ports.
 */
export async function collectDead(
  store: Store,
  filter: { readonly network?: string } = {},
): Promise<readonly Allocation[]> {
  await removeOrphans();
  return store.reclaim(filter);
}

/** Host links of the network that belong to none of the valid attachments: by alias, and by allocation. */
async function stalePairs(
  { conf: { name } }: Request,
  valid: readonly ValidAttachment[],
  held: readonly Allocation[],
): Promise<readonly string[]> {
  const isStale = (owner: ValidAttachment) =>
    !valid.some(({ containerID, ifname }) => owner.containerID === containerID && owner.ifname === ifname);
  const links = await showLinks();
  const nameless = new Set(links.filter(({ ifalias = '' }) => ifalias === '').map(({ ifname }) => ifname));
  const making = new Set(held.filter(isBeingMade).map(({ hostIfname }) => hostIfname));
  // An ADD that was killed between making its link and naming it left no alias, only an allocation.
  const named = held
    .filter((one) => one.network === name && isStale(one))
    .flatMap(({ hostIfname = '' }) => (nameless.has(hostIfname) ? [hostIfname] : []));
  const marked = links.flatMap(({ ifname, ifalias }) => {
    const owner = parseAlias(ifalias ?? '');
    return owner?.network === name && isStale(owner) ? [ifname] : [];
  });
  // The state file may have been edited by hand: nothing but a pair of ours is ever removed on its word.
  return [...new Set([...named, ...marked])].filter((ifname) => isHostIfname(ifname) && !making.has(ifname));
}

async function removeStalePairs(request: Request, valid: readonly ValidAttachment[]): Promise<void> {
  const { ipam } = request.conf;
  const held = ipam.kind === 'builtin' ? await openHostStore(ipam.dataDir).list() : [];
  const stale = await stalePairs(request, valid, held);
  await inTurns(stale, async (host) => {
    await removeBandwidth(host);
    await removePair(host);
  });
  request.trace.facts['removedLinks'] = [...stale, ...(await sweepLimits(held))];
}

async function retain(request: Request, valid: readonly ValidAttachment[]): Promise<void> {
  const { ipam, name } = request.conf;
  if (ipam.kind === 'delegated') {
    await delegate(request, ipam, { verb: 'GC', signal: request.signal });
    return;
  }
  const released = await openHostStore(ipam.dataDir).retain(name, valid);
  request.trace.facts['addresses'] = released.map(({ address }) => address);
}

/**
 * GC (SPEC 1.1.0 section 2): frees what belongs to no attachment of `cni.dev/valid-attachments`. Without that key
 * nothing is freed: `cnitool gc` leaves it out, and taking that for "none is valid" would end every container's
 * network.
 */
export async function gc(request: Request): Promise<void> {
  const valid = request.conf.validAttachments;
  if (valid === undefined) {
    request.trace.warnings.push('GC without "cni.dev/valid-attachments" frees nothing');
    return;
  }
  const doing = `collect what network "${request.conf.name}" does not need any more`;
  await step({ kind: 'internal', doing }, async () => {
    await removeStalePairs(request, valid);
    const orphans = await removeOrphans();
    request.trace.facts['removedRules'] = orphans;
    sweepForeign();
    await retain(request, valid);
  });
}
