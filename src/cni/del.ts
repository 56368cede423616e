import { IpamError } from '../ipam/errors.ts';
import type { Store } from '../ipam/store.ts';
import type { Creator } from '../ipam/types.ts';
import { monotonicMs, pause, turn } from '../sys/clock.ts';
import { ownProcess } from '../sys/proc.ts';
import { removeBandwidth } from '../veth/bandwidth.ts';
import { findHostLink } from '../veth/find.ts';
import { hostIfname } from '../veth/name.ts';
import { removePair } from '../veth/remove.ts';
import { LIMITS_MS } from './cancel.ts';
import { delegate } from './delegate.ts';
import { CODE } from './errors.ts';
import { explainInLine } from './explain.ts';
import { openHostStore } from './holders.ts';
import { type Request, timed } from './request.ts';
import { findRules, type OwnRules, removeRules } from './rules.ts';

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
    request.trace.warnings.push(explainInLine(error, { code: CODE.internal, doing: name }));
    return false;
  }
}

/** Removes the pair, unless the link of that name says it belongs to another attachment. */
async function removeOwnPair(request: Request): Promise<void> {
  const found = await findHostLink(request.attachment);
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
    await removeRules(await findRules(request, store));
    await removeOwnPair(request);
  }
}

async function rulesOf(request: Request, store: Store | undefined): Promise<OwnRules> {
  let rules: OwnRules = { owner: hostIfname(request.attachment), elements: undefined, udpPorts: [] };
  await attempt(request, 'look up the rules', async () => {
    rules = await findRules(request, store);
  });
  return rules;
}

/**
 * Enters this process as the one that works on the attachment. Until it ends nobody takes the attachment for dead and
 * gives its address or its ports away, even when the link is gone: the rules may go at the same time as the link.
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

async function unlink(request: Request): Promise<boolean> {
  await attempt(request, 'remove the bandwidth limit', () => removeBandwidth(hostIfname(request.attachment)));
  return attempt(request, 'remove the veth pair', () => removeOwnPair(request));
}

function removeOwnRules(request: Request, rules: OwnRules): Promise<boolean> {
  return attempt(request, 'remove the rules', () => removeRules(rules));
}

/**
 * Removes link and rules at the same time. The link has to be asked for first: on its way out it waits for whatever
 * transaction of nftables is at work, while a transaction does not wait for links.
 */
async function removeTogether(request: Request, rules: OwnRules): Promise<boolean> {
  const unlinked = unlink(request);
  await turn();
  await removeOwnRules(request, rules);
  return unlinked;
}

async function removeInTurn(request: Request, rules: OwnRules): Promise<boolean> {
  await removeOwnRules(request, rules);
  return unlink(request);
}

/**
 * DEL (SPEC section 2): removes whatever is left of an attachment. Needs no sandbox, no prevResult and no state
 * file; what is gone already is success. The address goes last, so that nobody gets it while its link is there. The
 * kernel takes 15 ms and more for a rule and for a link each, so that they go at the same time where they can.
 *
 * @throws CniError of a delegated IPAM plugin that still holds the address (SPEC section 4): the runtime asks again.
 */
export async function del(request: Request): Promise<void> {
  const patientUntil = monotonicMs() + ADD_PATIENCE_MS;
  const { ipam } = request.conf;
  const store = ipam.kind === 'builtin' ? openHostStore(ipam.dataDir) : undefined;
  const rules = await rulesOf(request, store);
  const hasBoth = store !== undefined && (rules.elements ?? []).length > 0;
  const claimed = hasBoth ? await claim(request, store) : undefined;
  const remove = claimed === undefined ? removeInTurn : removeTogether;
  const isUnlinked = await remove(request, rules);
  // While the link stands its address is in use, and the allocation is how GC finds it.
  if (!isUnlinked) return;
  if (ipam.kind === 'delegated') await delegate(request, ipam, { verb: 'DEL' });
  if (store === undefined) return;
  await attempt(request, 'release the address', () => release(request, store, { claimed, patientUntil }));
}
