import type { Context } from '../sys/context.ts';
import { isFromKernel, isRefusal } from '../sys/netlink/error.ts';
import { nft } from '../sys/process/nft.ts';
import { requireGroups } from './features.ts';
import type { ElementChanges } from './port-plan.ts';
import { groupsOf, planTables } from './table.ts';

/** How often one call tries again after a refusal that is not somebody else's haste. */
const LIMIT = 4;

/** Counts attempts; throws the error that is handed over when there were too many. */
export type Retry = (error: unknown) => void;

/** Makes a counter for one call. */
export function limitRetries(): Retry {
  let attempts = 0;
  return (error) => {
    attempts += 1;
    if (attempts > LIMIT) throw error;
  };
}

/** A transaction that was refused, and the counter of its call. */
export interface Refused {
  readonly plan: ElementChanges;
  readonly retry: Retry;
}

/**
 * What to do before a refused transaction is planned again. Where somebody else changed the ruleset first (ERESTART),
 * nothing. Else sets are missing, because an earlier release made the table or somebody took them away, or packets were
 * quicker with the host's addresses: sets and chains are made, which leaves what is right as it is.
 *
 * @throws the refusal, when it is not the kernel's or comes again and again.
 */
export async function prepareRetry(error: unknown, { plan, retry }: Refused, ctx: Context): Promise<void> {
  if (isRefusal(error, 'ERESTART')) return;
  if (!isFromKernel(error)) throw error;
  retry(error);
  const groups = groupsOf([...plan.remove, ...plan.add]);
  await requireGroups(groups, ctx);
  await nft(planTables(groups), ctx);
}
