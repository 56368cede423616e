import { hasOwnRules } from '../firewall/rules.ts';
import { IpamError } from '../ipam/errors.ts';
import type { Store } from '../ipam/store.ts';
import type { Creator } from '../ipam/types.ts';
import { monotonicMs, pause, turn } from '../sys/clock.ts';
import { ownProcess } from '../sys/proc.ts';
import { removeBandwidth } from '../veth/bandwidth.ts';
import { findHostLink, type HostLink } from '../veth/find.ts';
import { hostIfname } from '../veth/name.ts';
import { removePair } from '../veth/remove.ts';
import { LIMITS_MS } from './cancel.ts';
import { delegate } from '../cni/delegate.ts';
import { explainInLine } from './explain.ts';
import { openHostStore } from './store.ts';
import { type Request, timed } from '../cni/request.ts';
import { removeRules } from './rules.ts';

/**
 * How long DEL waits for an ADD that its runtime gave up on, in milliseconds from its own start: longer than an ADD may
 * work. One that is out of time undoes itself, and need not be waited for. With a last wait for the lock of the
 * addresses and a last removal DEL still ends within 30 s; containerd gives a clean-up one minute, Podman any time.
 */
const ADD_PATIENCE_MS = LIMITS_MS.work + 3_000;
const ADD_POLL_MS = 50;

/** Runs a step of DEL; its failure is noted and the next step runs all the same. */
async function attempt(request: Request, name: string, body: () => Promise<void>): Promise<boolean> {
  try {
    await timed(request.trace, name, body);
    return true;
  } catch (error) {
    request.trace.warnings.push(explainInLine(error, { kind: 'internal', doing: name }));
    return false;
  }
}

/** The link of the attachment's host name; none also where that cannot be found out. */
async function lookUpLink(request: Request): Promise<HostLink | undefined> {
  const found: HostLink[] = [];
  await attempt(request, 'look up the link', async () => {
    const link = await findHostLink(request.attachment);
    if (link !== undefined) found.push(link);
  });
  return found[0];
}

/** Removes the pair, unless the link of that name is another's. @param link as found before; else it is looked for. */
async function removeOwnPair(request: Request, link?: HostLink): Promise<void> {
  const found = link ?? (await findHostLink(request.attachment));
  if (found?.isOurs === true) await removePair(found.name);
}

/** An ADD that its runtime gave up on may still be at work, and make new rules and a new pair after ours were removed. */
async function release(
  request: Request,
  store: Store,
  { claimed, patientUntil }: { claimed: Creator | undefined; patientUntil: number },
): Promise<void> {
  for (;;) {
    try {
      const released = await store.release(
        request.attachment,
        claimed === undefined ? {} : { creator: claimed },
      );
      request.trace.facts['addresses'] = released.map(({ address }) => address);
      return;
    } catch (error) {
      const isBusy = error instanceof IpamError && error.kind === 'busy';
      if (!isBusy || monotonicMs() >= patientUntil) throw error;
    }
    await pause(ADD_POLL_MS);
    const link = await findHostLink(request.attachment);
    if (link?.isOurs === false) continue;
    await removeRules(hostIfname(request.attachment));
    await removeOwnPair(request, link);
  }
}

/**
 * Enters this process as the one that works on the attachment. Until it ends nobody takes the attachment for dead and
 * gives its address away, even when the link is gone, and no reload puts its rules back: they may go at the same time as
 * the link.
 */
async function claim(request: Request, store: Store): Promise<Creator | undefined> {
  const creator = ownProcess();
  try {
    const held = await store.update(request.attachment, { creator });
    return held.length === 0 ? undefined : creator;
  } catch {
    // An ADD is at work, or the file cannot be written: one after the other needs no claim, and release() will tell.
    return undefined;
  }
}

async function unlink(request: Request, link: HostLink | undefined): Promise<boolean> {
  await attempt(request, 'remove the bandwidth limit', () => removeBandwidth(hostIfname(request.attachment)));
  return attempt(request, 'remove the veth pair', () => removeOwnPair(request, link));
}

function removeOwnRules(request: Request): Promise<boolean> {
  return attempt(request, 'remove the rules', () => removeRules(hostIfname(request.attachment)));
}

/**
 * Removes link and rules at the same time. The link has to be asked for first: on its way out it waits for whatever
 * transaction of nftables is at work, while a transaction does not wait for links.
 */
async function removeTogether(request: Request, link: HostLink | undefined): Promise<boolean> {
  const unlinked = unlink(request, link);
  await turn();
  await removeOwnRules(request);
  return unlinked;
}

async function removeInTurn(request: Request, link: HostLink | undefined): Promise<boolean> {
  await removeOwnRules(request);
  return unlink(request, link);
}

/** Whether there are rules that take the kernel its time; true where that cannot be found out. */
async function hasRules(request: Request): Promise<boolean> {
  const found: boolean[] = [];
  await attempt(request, 'look up the rules', async () => {
    found.push(await hasOwnRules(hostIfname(request.attachment)));
  });
  return found[0] ?? true;
}

/**
 * Removes all but the address. What goes by the name of a link that is another's is that one's: rules, bandwidth limit
 * and note bear nothing but that name.
 *
 * @returns whether the link is gone, and the claim that was laid on the attachment.
 */
async function removeRemains(
  request: Request,
  store: Store | undefined,
): Promise<{ readonly isUnlinked: boolean; readonly claimed?: Creator | undefined }> {
  const link = await lookUpLink(request);
  if (link?.isOurs === false) {
    const { name, alias } = link;
    request.trace.warnings.push(
      `Link "${name}" belongs to another attachment, and so do the rules of that name: they stay; its alias is "${alias}"`,
    );
    return { isUnlinked: true };
  }
  const claimed = store !== undefined && (await hasRules(request)) ? await claim(request, store) : undefined;
  const remove = claimed === undefined ? removeInTurn : removeTogether;
  return { isUnlinked: await remove(request, link), claimed };
}

/**
 * DEL (SPEC section 2): removes whatever is left of an attachment. Needs no sandbox, no prevResult and no state
 * file; what is gone already is success. The address goes last, so that nobody gets it while its link is there. The
 * kernel takes 15 ms and more for a rule and for a link each, so that they go at the same time where they can.
 *
 * @throws FlatnetError of a delegated IPAM plugin that still holds the address (SPEC section 4): the runtime asks again.
 */
export async function del(request: Request): Promise<void> {
  const patientUntil = monotonicMs() + ADD_PATIENCE_MS;
  const { ipam } = request.conf;
  const store = ipam.kind === 'builtin' ? openHostStore(ipam.dataDir) : undefined;
  const { isUnlinked, claimed } = await removeRemains(request, store);
  // While the link stands its address is in use, and the allocation is how GC finds it.
  if (!isUnlinked) return;
  if (ipam.kind === 'delegated') await delegate(request, ipam, { verb: 'DEL' });
  if (store === undefined) return;
  await attempt(request, 'release the address', () => release(request, store, { claimed, patientUntil }));
}
