import { IpamError } from '../ipam/errors.ts';
import type { Store } from '../ipam/store.ts';
import { monotonicMs } from '../sys/clock.ts';
import { removeBandwidth } from '../veth/bandwidth.ts';
import { findHostLink } from '../veth/find.ts';
import { hostIfname } from '../veth/name.ts';
import { removePair } from '../veth/remove.ts';
import { LIMITS_MS } from './cancel.ts';
import { delegate } from './delegate.ts';
import { CODE } from './errors.ts';
import { explain } from './explain.ts';
import { openHostStore } from './holders.ts';
import { type Request, timed } from './request.ts';
import { removeRules } from './rules.ts';

/**
 * How long DEL waits for an ADD that its runtime gave up on, in milliseconds from its own start: longer than an ADD may
 * work. One that is out of time undoes itself, and need not be waited for. With a last wait for the lock of the
 * addresses and a last removal DEL still ends within 30 s; containerd gives a clean-up one minute, Podman any time.
 */
const ADD_PATIENCE_MS = LIMITS_MS.work + 3_000;
const ADD_POLL_MS = 50;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Runs a step of DEL; its failure is noted and the next step runs all the same. */
async function attempt(request: Request, name: string, body: () => Promise<void>): Promise<boolean> {
  try {
    await timed(request.trace, name, body);
    return true;
  } catch (error) {
    const { message, details } = explain(error, { code: CODE.internal, doing: name });
    request.trace.warnings.push(details === undefined ? message : `${message}: ${details}`);
    return false;
  }
}

/** Removes the pair, unless the link of that name says it belongs to another attachment. */
async function removeOwnPair(request: Request): Promise<void> {
  const found = await findHostLink(request.attachment);
  if (found?.isOurs === true) await removePair(found.name);
}

/** An ADD that its runtime gave up on may still be at work, and make new rules and a new pair after ours were removed. */
async function release(request: Request, store: Store, patientUntil: number): Promise<void> {
  for (;;) {
    try {
      const released = await store.release(request.attachment);
      request.trace.facts['addresses'] = released.map(({ address }) => address);
      return;
    } catch (error) {
      const isBusy = error instanceof IpamError && error.kind === 'busy';
      if (!isBusy || monotonicMs() >= patientUntil) throw error;
    }
    await pause(ADD_POLL_MS);
    await removeRules(request);
    await removeOwnPair(request);
  }
}

/**
 * DEL (SPEC section 2): removes whatever is left of an attachment. Needs no sandbox, no prevResult and no state
 * file; what is gone already is success. The address goes last, so that nobody gets it while its link is there.
 *
 * @throws CniError of a delegated IPAM plugin that still holds the address (SPEC section 4): the runtime asks again.
 */
export async function del(request: Request): Promise<void> {
  const patientUntil = monotonicMs() + ADD_PATIENCE_MS;
  await attempt(request, 'remove the rules', () => removeRules(request));
  await attempt(request, 'remove the bandwidth limit', () => removeBandwidth(hostIfname(request.attachment)));
  const isUnlinked = await attempt(request, 'remove the veth pair', () => removeOwnPair(request));
  // While the link stands its address is in use, and the allocation is how GC finds it.
  if (!isUnlinked) return;
  const { ipam } = request.conf;
  if (ipam.kind === 'delegated') await delegate(request, ipam, { verb: 'DEL' });
  else {
    const store = openHostStore(ipam.dataDir);
    await attempt(request, 'release the address', () => release(request, store, patientUntil));
  }
}
