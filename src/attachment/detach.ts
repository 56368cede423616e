import { hasOwnRules } from '../firewall/rules.ts';
import { IpamError } from '../ipam/errors.ts';
import type { Store } from '../ipam/store.ts';
import type { Creator } from '../ipam/types.ts';
import { monotonicMs, pause, nextTurn } from '../sys/clock.ts';
import { uninterrupted } from '../sys/context.ts';
import { ownProcess } from '../sys/proc.ts';
import { removeBandwidth } from '../veth/bandwidth.ts';
import { findHostLink, type HostLink } from '../veth/find.ts';
import { hostIfname } from '../veth/name.ts';
import { removePair } from '../veth/remove.ts';
import { LIMITS_MS } from './cancel.ts';
import { timed } from './context.ts';
import { explainInLine } from './explain.ts';
import { withdrawNames } from './names.ts';
import { removeRules } from './rules.ts';
import type { Job } from './spec.ts';
import { openHostStore } from './store.ts';

/**
 * How long detach waits for an attach that its runtime gave up on, in milliseconds from detach's own start: longer than
 * an attach may work. An attach past its limit undoes itself and need not be waited for. With a last wait for the lock
 * of the addresses and a last removal, detach still ends within 30 s; containerd allows one minute for a clean-up,
 * Podman sets no limit.
 */
const ATTACH_PATIENCE_MS = LIMITS_MS.work + 3_000;
const ATTACH_POLL_MS = 50;

/** A failure becomes a warning and `undefined`, so that the next step still runs. */
async function attempt<T>({ ctx }: Job, name: string, body: () => Promise<T>): Promise<T | undefined> {
  try {
    return await timed(ctx, name, body);
  } catch (error) {
    ctx.trace.warnings.push(explainInLine(error, { kind: 'internal', doing: name }));
    return undefined;
  }
}

/** As `attempt`, for steps without a result. */
async function succeeds(job: Job, name: string, body: () => Promise<void>): Promise<boolean> {
  return (await attempt(job, name, () => body().then(() => true))) ?? false;
}

/**
 * Registers this process as working on the attachment. Until it ends the attachment does not count as dead, even
 * without its link: its address stays taken and no reload restores its rules. So rules and link may go at the same
 * time.
 */
async function claim({ attachment }: Job, store: Store): Promise<Creator | undefined> {
  const creator = ownProcess();
  try {
    const held = await store.update(attachment, { creator });
    return held.length === 0 ? undefined : creator;
  } catch {
    // An attach is at work, or the file cannot be written. Without a claim, rules and pair go one after the other, and
    // release() reports the error.
    return undefined;
  }
}

/** Removes the pair, unless the link of that name is another attachment's. @param link if already looked up. */
async function removeOwnPair({ attachment, ctx }: Job, link?: HostLink): Promise<void> {
  const found = link ?? (await findHostLink(attachment, ctx));
  if (found?.isOurs === true) await removePair(found.name, ctx);
}

async function removePairAndLimit(job: Job, link: HostLink | undefined): Promise<boolean> {
  const { attachment, ctx } = job;
  await succeeds(job, 'remove the bandwidth limit', () => removeBandwidth(hostIfname(attachment), ctx));
  return succeeds(job, 'remove the veth pair', () => removeOwnPair(job, link));
}

async function removeOwnRules(job: Job): Promise<void> {
  await succeeds(job, 'remove the rules', () => removeRules(hostIfname(job.attachment), job.ctx));
}

/**
 * @param isParallel removes pair and rules at the same time; the kernel takes 15 ms or more for each. The pair has to
 * be requested first: its removal waits for the running nftables transaction, while a transaction waits for no link.
 * @returns whether the pair is gone.
 */
async function removeParts(
  job: Job,
  { link, isParallel }: { link: HostLink | undefined; isParallel: boolean },
): Promise<boolean> {
  if (!isParallel) {
    await removeOwnRules(job);
    return removePairAndLimit(job, link);
  }
  const unlinked = removePairAndLimit(job, link);
  await nextTurn();
  await removeOwnRules(job);
  return unlinked;
}

/**
 * An attach that its runtime gave up on may still be running, and make rules and a pair after ours were removed: wait
 * for it, and remove them again.
 */
async function release(job: Job, store: Store, held: { claimed: Creator | undefined; until: number }) {
  const { attachment, spec, ctx } = job;
  const { containerName } = spec;
  const options = {
    ...(held.claimed === undefined ? {} : { creator: held.claimed }),
    ...(containerName === undefined ? {} : { containerName }),
  };
  for (;;) {
    try {
      const released = await store.release(attachment, options);
      ctx.trace.facts['addresses'] = released.map(({ address }) => address);
      return;
    } catch (error) {
      const isBusy = error instanceof IpamError && error.kind === 'busy';
      if (!isBusy || monotonicMs() >= held.until) throw error;
    }
    await pause(ATTACH_POLL_MS);
    const link = await findHostLink(attachment, ctx);
    if (link?.isOurs === false) continue;
    await removeRules(hostIfname(attachment), ctx);
    await removeOwnPair(job, link);
  }
}

/** The link belongs to another attachment, and so do the rules and limits keyed by its name. */
function noteStranger({ ctx }: Job, { name, alias }: HostLink): void {
  ctx.trace.warnings.push(
    `Link "${name}" belongs to another attachment, and so do the rules of that name: they stay; its alias is "${alias}"`,
  );
}

/**
 * Removes the remains of an attachment; absent is success. Needs no sandbox, no result of attach and no state file. The
 * address goes last, so that it is not reallocated while its link exists.
 * @throws the error of an address source that still holds the address: the runtime retries.
 */
export async function detach(called: Job): Promise<void> {
  const job = { ...called, ctx: uninterrupted(called.ctx) };
  const { attachment, ctx } = job;
  const { ipam } = job.network;
  const until = monotonicMs() + ATTACH_PATIENCE_MS;
  const store = ipam.from !== 'source' ? openHostStore(ipam.dataDir, ctx) : undefined;
  let claimed: Creator | undefined;
  const link = await attempt(job, 'look up the link', () => findHostLink(attachment, ctx));
  if (link?.isOurs === false) noteStranger(job, link);
  else {
    const hasRules =
      store !== undefined &&
      ((await attempt(job, 'look up the rules', () => hasOwnRules(hostIfname(attachment), ctx))) ?? true);
    claimed = hasRules ? await claim(job, store) : undefined;
    const isUnlinked = await removeParts(job, { link, isParallel: claimed !== undefined });
    // While the link exists its address is in use, and GC finds it by the allocation.
    if (!isUnlinked) return;
    await succeeds(job, 'take back the names', () => withdrawNames(job));
  }
  if (ipam.from === 'source') await ipam.release(ctx);
  if (store === undefined) return;
  await succeeds(job, 'release the address', () => release(job, store, { claimed, until }));
}
